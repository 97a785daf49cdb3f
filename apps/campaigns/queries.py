"""Questions about campaigns."""

from collections.abc import Iterable

from django.db.models import QuerySet

from apps.campaigns.models import Campaign
from apps.members.models import Organization


def of_organizations(organizations: Iterable[Organization]) -> QuerySet[Campaign]:
    """Return the campaigns of these organizations."""
    return Campaign.objects.filter(organization__in=organizations).select_related("dataset", "organization")


def named(text: str) -> Campaign:
    """Return the campaign with this id or name; raise `Campaign.DoesNotExist` with a sentence if none or several."""
    by_id = Campaign.objects.filter(pk=text) if _is_id(text) else Campaign.objects.filter(name=text)
    found = list(by_id.select_related("organization", "dataset")[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise Campaign.DoesNotExist(f"several organizations have a campaign named {text!r}: give its id")
    raise Campaign.DoesNotExist(f"there is no campaign with the id or name {text!r}")


def guidelines_version(campaign: Campaign) -> int:
    """Return the newest version of the campaign's guidelines, 0 if it has none."""
    return campaign.guidelines.order_by("-version").values_list("version", flat=True).first() or 0


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4  # as str(UUID) writes it
