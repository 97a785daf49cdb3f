"""Signed addresses of previews: what workers would see, for whoever holds one, for a while, without any lease.

A frame of another site sends no cookies, so the address itself must open the page.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.datasets.models import Item
from apps.work.queries import shown

SECONDS = 3600
_SALT = "work.preview"


class NoPreview(Exception):
    """There is nothing behind this address, or not any more; str() is a sentence."""


@dataclass(frozen=True)
class Preview:
    """A page that nobody was given: `items` are the shown fields of its items, each with what workers see suggested."""

    campaign: Campaign
    items: list[dict[str, Any]]
    suggested: list[Any | None]


def sign(campaign: Campaign, *, item: int | None = None) -> str:
    """Return what opens a preview of the page that begins with this item, the dataset's first if none is named."""
    return signing.dumps({"campaign": campaign.pk.hex, "item": item or 0}, salt=_SALT)


def read(signed: str) -> Preview:
    """Return what a signed preview shows; raise `NoPreview`."""
    try:
        wanted = signing.loads(signed, salt=_SALT, max_age=SECONDS)
    except signing.SignatureExpired:
        raise NoPreview(_("this preview is over: open it again from the campaign")) from None
    except signing.BadSignature:
        raise NoPreview(_("there is no such preview")) from None
    campaign = Campaign.objects.select_related("organization").filter(pk=UUID(wanted["campaign"])).first()
    if campaign is None:
        raise NoPreview(_("the campaign of this preview is gone"))
    rows = list(
        Item.objects.filter(dataset=campaign.dataset_id, pk__gte=wanted["item"]).order_by("pk")[: campaign.page_size]
    )
    suggestions = Suggestions.for_workers(campaign)
    return Preview(
        campaign,
        [shown(item.data, campaign) for item in rows],
        [suggestions.usable(item.data) if suggestions else None for item in rows],
    )
