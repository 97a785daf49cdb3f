"""Questions about campaigns."""

import hashlib
import json
from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.ledger import queries as ledger
from apps.ledger.models import Account


def named(text: str) -> Campaign:
    """Return the campaign with this id or name; raise `Campaign.DoesNotExist` with a sentence if none or several."""
    by_id = Campaign.objects.filter(pk=text) if _is_id(text) else Campaign.objects.filter(name=text)
    found = list(by_id.select_related("organization", "dataset")[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise Campaign.DoesNotExist(f"several organizations have a campaign named {text!r}: give its id")
    raise Campaign.DoesNotExist(f"there is no campaign with the id or name {text!r}")


def question(campaign: Campaign) -> str:
    """Return what tells the campaign's question from another: how long one took says nothing of the next."""
    asked = [campaign.kind, campaign.settings, campaign.show, _newest_guidelines(campaign)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _newest_guidelines(campaign: Campaign) -> str:
    return campaign.guidelines.order_by("-version").values_list("text", flat=True).first() or ""


def missing(campaign: Campaign) -> int:
    """Return what a budget lacks of what the campaign was launched and topped up with, in minor units."""
    budget = ledger.budget(campaign.key)
    return max(0, campaign.budget - (budget.amount if budget else 0))


def can_pay(campaign: Campaign) -> bool:
    """Return whether a completed campaign can pay for new work: of what it gave back, or of what it was given since."""
    budget = ledger.budget(campaign.key)
    if budget is not None and budget.free > 0:
        return True
    funds = ledger.balance(campaign.organization, kind=Account.Kind.FUNDS, currency=campaign.currency)
    return missing(campaign) <= funds


def values_of_items(campaign: Campaign, *, field: str, most: int | None) -> Iterator[tuple[str, str | None, bool]]:
    """Yield of each item its name, what it holds in a field as JSON (None for nothing), and whether it is gold.

    The server keeps them and sends a few at a time: a value may be a whole task of Label Studio's. `most` None is all.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            SELECT i.external_id, i.data -> %(field)s, EXISTS (
                SELECT 1 FROM campaigns_goldquestion g WHERE g.campaign_id = %(campaign)s AND g.item_id = i.id)
            FROM datasets_item i WHERE i.dataset_id = %(dataset)s ORDER BY i.id LIMIT %(most)s
            """,
            {"field": field, "campaign": campaign.pk, "dataset": campaign.dataset_id, "most": most},
        )
        yield from cursor


def guidelines_version(campaign: Campaign) -> int:
    """Return the newest version of the campaign's guidelines, 0 if it has none."""
    return campaign.guidelines.order_by("-version").values_list("version", flat=True).first() or 0


def newest_guidelines(campaigns: Collection[Campaign]) -> dict[UUID, Guidelines]:
    """Return the guidelines in force, by campaign; none of those that have none."""
    rows = Guidelines.objects.filter(campaign__in=campaigns).order_by("campaign_id", "-version")
    return {row.campaign_id: row for row in rows.distinct("campaign_id")}


def scoring_gold(campaign: Campaign) -> QuerySet[GoldQuestion]:
    """Return the gold questions that tell how good a worker is: none that teach, and none that is suspended."""
    if campaign.purpose == Campaign.Purpose.TRAINING:
        return campaign.gold.none()
    return campaign.gold.filter(teaching=False, suspended_at=None)


def teaching_gold(campaign: Campaign) -> QuerySet[GoldQuestion]:
    """Return the gold questions whose answers workers are told afterwards: in a training all of them."""
    in_force = campaign.gold.filter(suspended_at=None)
    return in_force if campaign.purpose == Campaign.Purpose.TRAINING else in_force.filter(teaching=True)


def ways_to(qualifications: Collection[str], *, organization: UUID) -> QuerySet[Campaign]:
    """Return the running trainings and tests that grant one of these qualifications."""
    return Campaign.objects.filter(
        organization=organization, grants__in=qualifications, state=Campaign.State.RUNNING
    ).exclude(purpose=Campaign.Purpose.WORK)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()  # UUID itself takes braces, and no hyphens
    except ValueError:
        return False
