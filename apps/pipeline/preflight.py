"""What stands against a launch, in sentences: what blocks it, and what the requester should know."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.core import money
from apps.datasets import queries as datasets
from apps.datasets.models import Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import FramedKind
from apps.ledger import queries as ledger
from apps.ledger.models import Account
from apps.pipeline import affording, balance, fairness, market_checks, media_checks, promises, suggestion_checks
from apps.pipeline.affording import worst_cost
from apps.pipeline.fairness import hourly_pay, least_hourly
from apps.pipeline.findings import Finding, NotReady
from apps.pipeline.suggestion_checks import Seen
from apps.workforce.models import OUTSIDE

__all__ = [
    "TELLING", "Finding", "NotReady", "Outlook", "Plan", "check", "hourly_pay", "least_hourly", "outlook", "plan",
    "require", "worst_cost",
]  # fmt: skip

ITEMS_LOOKED_AT = 100_000  # for media that is missing: more than that is left to the import, which refuses such rows
SUGGESTIONS_LOOKED_AT = 10_000  # they are read here, one by one; what is without one is found again as tasks are made

# What people call the column that holds the right answer.
TELLING = frozenset("truth label labels gold answer answers target expected solution label_studio".split())


@dataclass(frozen=True)
class Plan:
    """What a campaign asks for in all: places, and the most that they can cost in minor units.

    `items` are those that are asked, gold among them; `left_out` those that are not, without a suggestion to show.
    """

    items: int
    golds: int
    judgments: int
    places: int
    worst_cost: int
    fees: int = 0  # of it, what an outside market takes
    left_out: int = 0
    reports_cost: int = 0  # what reports of broken items may cost besides, which are paid and take no answer's room

    @property
    def rewards(self) -> int:
        """Of the worst cost, what workers get."""
        return self.worst_cost - self.fees


@dataclass(frozen=True)
class Outlook:
    """What a campaign asks for, and what stands against launching it; the worst first."""

    size: Plan
    findings: list[Finding]


def plan(campaign: Campaign, *, is_rough: bool = False, seen: Seen | None = None) -> Plan:
    """Return the campaign's size and worst-case cost; gold is paid on top of the judgments.

    What was `seen` of its suggestions is not read again. A rough one reads no items: it counts what has no suggestion
    to show as asked.
    """
    if not is_rough and seen is None:
        seen = _look(campaign)
    left_out = seen.left_out if seen else 0
    items = Item.objects.filter(dataset=campaign.dataset_id).count() - left_out
    golds = campaign.gold.count()
    # Of a training or test it is not known how many will take it: its budget is what stops it.
    judgments = (items - golds) * campaign.most_judgments if campaign.is_work else min(golds, campaign.page_size)
    places = affording.places(campaign, judgments=judgments, golds=golds)
    cost, fees = _cost_of(campaign, places)
    # One report less than take an item out may come beside all its judgments.
    reports = (items - golds) * (campaign.broken_after - 1) if campaign.is_work else 0
    with_reports, _fees = _cost_of(campaign, affording.places(campaign, judgments=judgments + reports, golds=golds))
    return Plan(items, golds, judgments, places, cost, fees, left_out, with_reports - cost)


def _cost_of(campaign: Campaign, places: int) -> tuple[int, int]:
    """Return the most that so many places cost, and what of it are an outside market's fees."""
    there = market_checks.cost(campaign, places=places)
    if there is not None:
        return there.total, there.fees
    return worst_cost(places, price=campaign.top_price, page_size=campaign.page_size), 0


def outlook(campaign: Campaign) -> Outlook:
    """Return the campaign's size, with all that stands against launching it and what is worth knowing before.

    Its items are read once. Asks others too, such as a market and the store of media: call it outside transactions.
    """
    seen = _look(campaign)
    size = plan(campaign, seen=seen)
    return Outlook(size, _in_order([*_own(campaign, size, seen), *_outside(campaign, size)]))


def check(campaign: Campaign) -> list[Finding]:
    """Return what stands against launching the campaign, as in its `outlook`."""
    return outlook(campaign).findings


def _look(campaign: Campaign) -> Seen | None:
    return suggestion_checks.look(campaign, items=SUGGESTIONS_LOOKED_AT)


def _own(campaign: Campaign, size: Plan, seen: Seen | None) -> list[Finding]:
    """Return what our own rows tell."""
    return [
        *_content(campaign, size), *_gold(campaign, size), *balance.findings(campaign), *_cost(campaign, size),
        *fairness.findings(campaign), *_contact(campaign),
        *suggestion_checks.findings(campaign, items=SUGGESTIONS_LOOKED_AT, seen=seen),
        *market_checks.offered(campaign),
    ]  # fmt: skip


def _outside(campaign: Campaign, size: Plan) -> list[Finding]:
    """Return what others tell, when asked."""
    bonuses = promises.bonuses(campaign, places=size.places)
    there = market_checks.balance(
        campaign, total=size.worst_cost, rest=_beside(campaign), bonuses=bonuses,
        promised=promises.told(campaign, bonuses),
    )  # fmt: skip
    return [*media_checks.findings(campaign), *there]


def _beside(campaign: Campaign) -> market_checks.Rest:
    """Return what other campaigns are still to cost on its market, with what is promised in them."""
    to_come = {True: 0, False: 0}
    for one in market_checks.beside(campaign):
        rough = plan(one, is_rough=True)
        costs = market_checks.to_come(one, total=rough.worst_cost) + promises.bonuses(one, places=rough.places)
        to_come[one.organization_id == campaign.organization_id] += costs
    return market_checks.Rest(own=to_come[True], others=to_come[False])


def _in_order(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: finding.severity)


def require(campaign: Campaign) -> None:
    """Raise `NotReady` if anything blocks the launch that our own rows tell. Nobody else is asked."""
    seen = _look(campaign)
    _none_blocks(_in_order(_own(campaign, plan(campaign, seen=seen), seen)))


def require_outside(campaign: Campaign) -> None:
    """Raise `NotReady` if others tell what blocks it: a market without the money, a store without the files.

    Call it outside transactions.
    """
    # Our own pool asks nobody for the money: then no item is read for it.
    _none_blocks(_outside(campaign, plan(campaign, is_rough=campaign.channel not in OUTSIDE)))


def _none_blocks(found: list[Finding]) -> None:
    blocks = [finding for finding in found if finding.severity == "block"]
    if blocks:
        raise NotReady(blocks)


def require_rest(campaign: Campaign) -> None:
    """Raise `NotReady` if what a launched campaign still asks for may cost more than its budget has left."""
    places, cost = affording.left_to_pay(campaign)
    budget = ledger.budget(campaign.key)
    left = budget.free if budget else 0
    if cost > left:
        show = money.show
        sentence = (
            f"{places} further places may cost {show(cost, campaign.currency)}, "
            f"the budget has {show(left, campaign.currency)} left: add to it first"
        )
        raise NotReady([Finding("block", sentence, "budget")])


def require_suggestions(campaign: Campaign) -> None:
    """Raise `NotReady` if what is suggested can't be shown in a launched campaign, or would tell what is gold."""
    _none_blocks([
        *suggestion_checks.findings(campaign, items=SUGGESTIONS_LOOKED_AT), *suggestion_checks.of_asked(campaign),
    ])  # fmt: skip


def _frames(campaign: Campaign) -> Iterator[Finding]:
    kind = of(campaign.kind)
    if not isinstance(kind, FramedKind):
        return
    if campaign.page_size != 1:
        said = f"the requester's page fills the worker's, so page_size should be 1; it is {campaign.page_size}"
        yield Finding("block", said, "settings")
    for item in Item.objects.filter(dataset=campaign.dataset_id).order_by("pk")[:ITEMS_LOOKED_AT].iterator():
        try:
            kind.read_question(str(item.data.get("question", "")))
        except Bad as error:
            yield Finding("block", f"item {item.external_id!r} holds no question that can be shown: {error}", "data")
            return


def _content(campaign: Campaign, size: Plan) -> Iterator[Finding]:
    if not size.items + size.left_out:
        yield Finding("block", f"the dataset {campaign.dataset} has no items: import some", "data")
    elif not campaign.is_work and not size.golds:
        yield Finding("block", "no item has a known answer: a training or test asks those alone", "gold")
    elif campaign.is_work and size.items == size.golds:
        which = "item that is asked" if size.left_out else "item"
        yield Finding("block", f"every {which} has a known answer, so there is nothing to ask", "gold")
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
    if campaign.review == Campaign.Review.PERSON and not campaign.approve_after_seconds:
        said = "a person decides about every page, but has no time for it: pages are paid at once, as nobody decided"
        yield Finding("note", said, "quality")


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
        off = ["gold_share: 0"] * bool(campaign.gold_share) + ["early_gold: 0"] * bool(stops and campaign.early_gold)
        said = f"{asked:.0%} of places should ask gold, but there are no gold questions"
        yield Finding("block", f"{said}: name some, or ask for none by {' and '.join(off)}", "gold")
        return
    if campaign.gold_share == 0:
        said = "no gold is mixed in: bad work will be seen only where workers disagree"
        measures = campaign.pay_tiers or campaign.is_adaptive or campaign.least_skill is not None
        if measures and not (campaign.early_gold and size.golds):
            said += ", and no skill measured here raises pay or stops a worker"
        yield Finding("note", said, "gold")
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


def _contact(campaign: Campaign) -> Iterator[Finding]:
    """Find that workers are not told whom to ask, before they accept anything; a market tells its own."""
    if not campaign.organization.contact and campaign.channel not in OUTSIDE:
        said = f"workers are not told whom they may ask: {campaign.organization} has no contact"
        yield Finding("note", said, "contact")


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
    elif size.worst_cost + size.reports_cost > campaign.budget:
        yield Finding(
            "note",
            f"reports of broken items are paid too, at most {show(size.reports_cost, campaign.currency)} besides: "
            "what they cost beyond the budget is missing for the last answers",
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
