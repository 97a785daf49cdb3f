"""What stands against a launch, in sentences: what blocks it, and what the requester should know."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from django.db.models import F, Sum

from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.core import money
from apps.datasets import queries as datasets
from apps.datasets.models import Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import FramedKind
from apps.ledger import queries as ledger
from apps.ledger.models import Account
from apps.pipeline import balance, fairness, market_checks
from apps.pipeline.fairness import hourly_pay, least_hourly
from apps.pipeline.findings import Finding, NotReady
from apps.work.models import Task

__all__ = [
    "TELLING", "Finding", "NotReady", "Plan", "check", "hourly_pay", "least_hourly", "plan", "require", "worst_cost",
]  # fmt: skip

ITEMS_LOOKED_AT = 100_000  # for media that is missing: more than that is left to the import, which refuses such rows

# What people call the column that holds the right answer.
TELLING = frozenset("truth label labels gold answer answers target expected solution label_studio".split())


@dataclass(frozen=True)
class Plan:
    """What a campaign asks for in all: places, and the most that they can cost in minor units."""

    items: int
    golds: int
    judgments: int
    places: int
    worst_cost: int
    fees: int = 0  # of it, what an outside market takes


def plan(campaign: Campaign) -> Plan:
    """Return the campaign's size and worst-case cost.

    Gold is paid on top of the judgments: with a share s of the places, J judgments need J / (1 - s) places.
    """
    items = Item.objects.filter(dataset=campaign.dataset_id).count()
    golds = campaign.gold.count()
    # Of a training or test it is not known how many will take it: its budget is what stops it.
    judgments = (items - golds) * campaign.most_judgments if campaign.is_work else min(golds, campaign.page_size)
    places = ceil(Decimal(judgments) / (1 - _most_gold(campaign, golds)))
    there = market_checks.cost(campaign, places=places)
    if there is not None:
        return Plan(items, golds, judgments, places, there.total, there.fees)
    return Plan(
        items, golds, judgments, places, worst_cost(places, price=campaign.top_price, page_size=campaign.page_size)
    )


def _most_gold(campaign: Campaign, golds: int) -> Decimal:
    """Return the largest share of gold among places: that of workers who leave after the early gold of their first ten.

    All of those ten can be gold; a share of 1 would leave no place for the work, and cost without end.
    """
    early = Decimal(min(campaign.early_gold, golds)) / EARLY_PLACES
    return min(max(Decimal(str(campaign.gold_share)), early), Decimal("0.99"))


def worst_cost(places: int, *, price: int, page_size: int) -> int:
    """Return the most that so many places can cost, however they are cut into pages, in minor units.

    A page of k places costs price * k / page_size rounded half up, so the dearest place is on the page length whose
    rounding is worst.
    """
    pages = [(money.half_up(price * k, page_size), k) for k in range(1, page_size + 1)]
    cost, length = max(pages, key=lambda page: Fraction(*page))
    return ceil(Fraction(places * cost, length))


def check(campaign: Campaign, *, ask_market: bool = True) -> list[Finding]:
    """Return all that stands against launching the campaign, and what is worth knowing before.

    Asks an outside market what money it holds, unless told not to, as within a transaction.
    """
    size = plan(campaign)
    found = [
        *_content(campaign, size), *_gold(campaign, size), *balance.findings(campaign), *_cost(campaign, size),
        *fairness.findings(campaign),
        *market_checks.offered(campaign),
    ]  # fmt: skip
    if ask_market:
        found += market_checks.balance(campaign, total=size.worst_cost)
    return sorted(found, key=lambda finding: finding.severity)


def require(campaign: Campaign) -> None:
    """Raise `NotReady` if anything blocks the launch. Of an outside market only what needs no asking is looked at."""
    _none_blocks(check(campaign, ask_market=False))


def require_market(campaign: Campaign) -> None:
    """Raise `NotReady` if the campaign's market has not the money for the whole of it. Call it outside transactions."""
    _none_blocks(list(market_checks.balance(campaign, total=plan(campaign).worst_cost)))


def _none_blocks(found: list[Finding]) -> None:
    blocks = [finding for finding in found if finding.severity == "block"]
    if blocks:
        raise NotReady(blocks)


def require_rest(campaign: Campaign) -> None:
    """Raise `NotReady` if what a launched campaign still asks for may cost more than its budget has left."""
    tasks = Task.objects.filter(campaign=campaign, gold=False, state=Task.State.OPEN, taken__lt=F("wanted"))
    judgments = tasks.aggregate(left=Sum(F("wanted") - F("taken")))["left"] or 0
    places = ceil(Decimal(judgments) / (1 - _most_gold(campaign, campaign.gold.count())))
    cost = worst_cost(places, price=campaign.top_price, page_size=campaign.page_size)
    budget = ledger.budget(campaign.key)
    left = budget.free if budget else 0
    if cost > left:
        show = money.show
        sentence = (
            f"{places} further places may cost {show(cost, campaign.currency)}, "
            f"the budget has {show(left, campaign.currency)} left: add to it first"
        )
        raise NotReady([Finding("block", sentence, "budget")])


def _frames(campaign: Campaign) -> Iterator[Finding]:
    kind = of(campaign.kind)
    if not isinstance(kind, FramedKind):
        return
    if campaign.page_size != 1:
        said = f"the requester's page fills the worker's, so page_size should be 1; it is {campaign.page_size}"
        yield Finding("block", said, "settings")
    for item in Item.objects.filter(dataset=campaign.dataset_id).order_by("pk")[:ITEMS_LOOKED_AT].iterator():
        try:
            kind.frame(item.data)
        except Bad as error:
            yield Finding("block", f"item {item.external_id!r} holds no question that can be shown: {error}", "data")
            return


def _content(campaign: Campaign, size: Plan) -> Iterator[Finding]:
    if not size.items:
        yield Finding("block", f"the dataset {campaign.dataset} has no items: import some", "data")
    elif not campaign.is_work and not size.golds:
        yield Finding("block", "no item has a known answer: a training or test asks those alone", "gold")
    elif campaign.is_work and size.items == size.golds:
        yield Finding("block", "every item has a known answer, so there is nothing to ask", "gold")
    if not campaign.guidelines.exists():
        yield Finding(
            "block", "there are no guidelines: workers need to know what is asked and how it is judged", "guidelines"
        )
    try:
        of(campaign.kind).read_settings(campaign.settings)
    except Bad as error:
        yield Finding("block", f"the question is not finished: {error}", "settings")
    yield from _frames(campaign)
    yield from _media(campaign)
    yield from _fields(campaign)


def _fields(campaign: Campaign) -> Iterator[Finding]:
    first = Item.objects.filter(dataset=campaign.dataset_id).order_by("pk").first()
    if first is not None:
        seen = campaign.show or list(first.data)
        yield Finding("note", f"workers will see: {', '.join(seen)}", "show")
        for name in sorted({name.lower() for name in seen} & TELLING):
            yield Finding(
                "note", f"the field {name!r} may tell workers the answer: name the fields to be shown", "show"
            )
        for name in campaign.show:
            if name not in first.data:
                yield Finding(
                    "block", f"the field {name!r} is to be shown, but items have {sorted(first.data)}", "show"
                )


def _media(campaign: Campaign) -> Iterator[Finding]:
    broken, n = datasets.missing_media(campaign.dataset_id, items=ITEMS_LOOKED_AT)
    if broken:
        item, name = broken
        more = f", and {n - 1} more" if n > 1 else ""
        yield Finding("block", f"item {item!r} shows {name!r}, which the dataset does not have{more}", "data")


def _gold(campaign: Campaign, size: Plan) -> Iterator[Finding]:
    if not campaign.is_work:
        return
    stops = campaign.when_gold_is_used_up == Campaign.WhenGoldIsUsedUp.STOP
    if not size.golds and (campaign.gold_share or (campaign.early_gold and stops)):
        asked = max(campaign.gold_share, campaign.early_gold / EARLY_PLACES)
        yield Finding("block", f"{asked:.0%} of places should ask gold, but there are no gold questions", "gold")
        return
    if campaign.gold_share == 0:
        yield Finding("note", "no gold is mixed in: bad work will be seen only where workers disagree", "gold")
    cap = (campaign.most_pages or 0) * campaign.page_size or (size.items - size.golds)
    needed = ceil(campaign.gold_among(cap) if stops else campaign.gold_share * cap)
    if needed > size.golds:
        who = f"{campaign.most_pages} pages" if campaign.most_pages else "every item"
        yield Finding(
            "block" if stops or campaign.most_pages else "note",
            f"a worker who does {who} needs {needed} gold questions, and there are {size.golds}: "
            + ("after those the worker is stopped" if stops else "after those the worker goes on unscored"),
            "gold",
        )


def _cost(campaign: Campaign, size: Plan) -> Iterator[Finding]:
    show = money.show
    if campaign.price == 0:
        yield Finding("note", "a page pays nothing", "pay")
    if size.worst_cost > campaign.budget:
        yield Finding(
            "block",
            f"{size.places} places may cost {show(size.worst_cost, campaign.currency)}, "
            f"the budget is {show(campaign.budget, campaign.currency)}",
            "budget",
        )
    if campaign.state != Campaign.State.DRAFT:
        return  # its budget was taken from the funds already
    funds = ledger.balance(campaign.organization, kind=Account.Kind.FUNDS, currency=campaign.currency)
    if campaign.budget > funds:
        yield Finding(
            "block",
            f"the budget is {show(campaign.budget, campaign.currency)}, "
            f"{campaign.organization} has {show(funds, campaign.currency)} in its funds: finance deposits more, "
            "or the budget is made smaller",
            "funds",
        )
