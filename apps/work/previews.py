"""Signed addresses of previews: what workers would see, for whoever holds one, for a while, without any lease.

A frame of another site sends no cookies, so the address itself must open the page.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.core import clock, money
from apps.datasets.models import Item
from apps.work.models import Assignment
from apps.work.queries import Page, PlaceView, shown
from apps.work.services.reading import Asked
from apps.work.services.reading import read as read_answers

SECONDS = 3600
_SALT = "work.preview"


class NoPreview(Exception):
    """There is nothing behind this address, or not any more; str() is a sentence."""


def sign(campaign: Campaign, *, item: int | None = None) -> str:
    """Return what opens a preview of the page that begins with this item, the dataset's first if none is named."""
    return signing.dumps({"campaign": campaign.pk.hex, "item": item or 0}, salt=_SALT)


def read(signed: str) -> Page:
    """Return the page behind a signed address, as a worker would get it, in nobody's hands; raise `NoPreview`."""
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
    places = [
        PlaceView(
            f"preview-{number}",
            number,
            shown(item.data, campaign),
            suggestions.usable(item.data) if suggestions else None,
            item.external_id,
        )
        for number, item in enumerate(rows, start=1)
    ]
    return Page(_held_by_nobody(campaign, places=len(places)), campaign, places, is_preview=True)


def check(page: Page, answers: Mapping[str, Any]) -> None:
    """Raise `BadPage` where these answers could not be handed in, with the sentences that a worker would read."""
    read_answers(page.assignment, answers, [Asked(0, place.token, 0, False, 0) for place in page.places])


def _held_by_nobody(campaign: Campaign, *, places: int) -> Assignment:
    """Return an assignment that is never written: what a page says of its time and money."""
    now = clock.now()
    return Assignment(
        organization_id=campaign.organization_id,
        campaign=campaign,
        guidelines=campaign.guidelines.aggregate(newest=Max("version"))["newest"] or 0,
        price=campaign.price,
        page_size=campaign.page_size,
        currency=campaign.currency,
        places_count=places,
        held=money.half_up(campaign.price * places, campaign.page_size),
        leased_at=now,
        shown_at=now,
        expires_at=now + timedelta(seconds=campaign.lease_seconds),
    )
