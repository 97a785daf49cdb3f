"""What budgets hold, recounted: each is a counter of what pages, offers and fees under way hold, and should equal them.

What a counter holds beyond its rows is nobody's: versions of before left fees in it. It is given back, with a line in
the trail. What rows hold beyond their counter is told, and left: somebody has to look.
"""

import logging
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels import services as channels
from apps.channels.models import Publication
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.members import trail
from apps.payments.models import Settlement
from apps.work.models import Assignment

log = logging.getLogger(__name__)
LET_GO = "let go"
CAMPAIGN, OBLIGATION = "campaign", "obligation"


def recount() -> int:
    """Give back what budgets hold for nothing; return of how many. Run twice, it gives back once."""
    owners = Budget.objects.filter(held__gt=0).order_by("pk").values_list("owner", flat=True)
    found = 0
    for owner in list(owners):
        try:
            found += _recount(owner)
        except IntegrityError:  # its rows let go of more than it holds; the others are counted nevertheless
            log.exception("the budget of %s holds less than its rows: look into it", owner)
    return found


def _recount(owner: str) -> bool:
    kind, _, pk = owner.partition(":")
    if kind == CAMPAIGN:
        return _recount_campaign(Campaign.objects.select_related("organization").get(pk=pk))
    return kind == OBLIGATION and _recount_fee(owner, int(pk))


def _recount_campaign(campaign: Campaign) -> bool:
    offers = Publication.objects.filter(campaign=campaign, held__gt=0).order_by("pk").values_list("pk", flat=True)
    of_offers = sum(channels.hold_no_more(offer) for offer in list(offers))
    if of_offers:
        reason = "an offer held it, and nothing that is due on it did"
        trail.record(
            campaign.organization, verb=LET_GO, subject=campaign.key, reason=reason, amount=of_offers,
            currency=campaign.currency,
        )  # fmt: skip
    with transaction.atomic():
        campaigns.lock(campaign)  # before the budget, as all do who need both
        more = ledger.recount(campaign.key, rows=lambda: _of_campaign(campaign.pk))
        if not _tell(campaign.key, more):
            return of_offers > 0
        reason = "the budget held it, and no page and no offer did"
        trail.record(
            campaign.organization, verb=LET_GO, subject=campaign.key, reason=reason, amount=more,
            currency=campaign.currency,
        )  # fmt: skip
        if campaign.open_ended:
            campaigns.give_back(campaign, amount=more)
        elif campaign.ended_at is not None:
            campaigns.end(campaign)
    return True


def _of_campaign(pk: UUID) -> int:
    """Return what pages and offers of a campaign hold, as of one moment."""
    pages = Assignment.objects.filter(campaign=pk).values_list("held")
    offers = Publication.objects.filter(campaign=pk).values_list("held")
    return sum(held for (held,) in pages.filter(held__gt=0).union(offers.filter(held__gt=0), all=True))


def _recount_fee(owner: str, pk: int) -> bool:
    """Give back a fee that is held for a payment which was made: of one that is to come, nobody else knows it."""
    budget = Budget.objects.select_related("organization").get(owner=owner)
    with transaction.atomic():
        paid = Settlement.objects.filter(obligation=pk).exists()
        more = ledger.recount(owner, rows=lambda: 0) if paid else 0
        if not _tell(owner, more):
            return False
        reason = "it was held for a market's fee of a payment that was made"
        trail.record(
            budget.organization, verb=LET_GO, subject=owner, reason=reason, amount=more, currency=budget.currency
        )
        ledger.close(owner)
    return True


def _tell(owner: str, more: int) -> bool:
    """Return whether something was held for nothing; log that, and what a budget lacks."""
    if more < 0:
        log.error("the budget of %s holds %d minor units less than its pages and offers: look into it", owner, -more)
    elif more:
        log.warning("the budget of %s held %d minor units for nothing", owner, more)
    return more > 0
