"""What places cost at most, and how many judgments a campaign's budget still pays for.

Gold is paid on top: with a share s of the places, J judgments need J / (1 - s) of them. Reports of broken items are
paid too; they are rare, so a launch tells what they may cost at most, and no money is kept for them. A market takes its
fee for each slot, and the money of slots that it offers already is held.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from django.db.models import F, Sum

from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.channels import queries as channels
from apps.core import money
from apps.ledger import queries as ledger
from apps.work.models import Task


def places(campaign: Campaign, *, judgments: int, golds: int) -> int:
    """Return how many places so many judgments need, the gold among them counted in."""
    return ceil(judgments / (1 - _most_gold(campaign, golds)))


def worst_cost(places: int, *, price: int, page_size: int) -> int:
    """Return the most that so many places can cost, however they are cut into pages, in minor units."""
    return ceil(places * _dearest(price, page_size))


def left_to_pay(campaign: Campaign) -> tuple[int, int]:
    """Return how many places what is asked already still needs, and the most that they cost beside what is held."""
    needed = places(campaign, judgments=_asked(campaign), golds=campaign.gold.count())
    slot = channels.cost_of_slot(campaign)
    if slot is None:
        return needed, worst_cost(needed, price=campaign.top_price, page_size=campaign.page_size)
    return needed, max(0, ceil(needed / campaign.page_size) - channels.offered(campaign)) * slot.total


def judgments_left(campaign: Campaign) -> int | None:
    """Return how many judgments more than are asked the budget pays for; None where they cost nothing."""
    budget = ledger.budget(campaign.key)
    slot = channels.cost_of_slot(campaign)
    if budget is None or campaign.top_price == 0:
        return None
    if slot is None:
        paid = floor(budget.free / _dearest(campaign.top_price, campaign.page_size))
    else:
        paid = (channels.offered(campaign) + budget.free // slot.total) * campaign.page_size
    return floor(paid * (1 - _most_gold(campaign, campaign.gold.count()))) - _asked(campaign)


def _most_gold(campaign: Campaign, golds: int) -> Decimal:
    """Return the largest share of gold among places: that of workers who leave after the early gold of their first ten.

    All of those ten can be gold; a share of 1 would leave no place for the work, and cost without end.
    """
    early = Decimal(min(campaign.early_gold, golds)) / EARLY_PLACES
    return min(max(Decimal(str(campaign.gold_share)), early), Decimal("0.99"))


def _dearest(price: int, page_size: int) -> Fraction:
    """Return what a place costs on pages of the dearest length: k places cost price * k / page_size rounded half up."""
    return max(Fraction(money.half_up(price * k, page_size), k) for k in range(1, page_size + 1))


def _asked(campaign: Campaign) -> int:
    """Return how many judgments are asked for that nobody has in hand."""
    tasks = Task.objects.filter(campaign=campaign, gold=False, state=Task.State.OPEN, taken__lt=F("wanted"))
    return int(tasks.aggregate(n=Sum(F("wanted") - F("taken")))["n"] or 0)
