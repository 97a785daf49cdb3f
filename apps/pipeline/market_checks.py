"""What stands against offering a campaign on an outside market: what it costs there, and whether that has the money."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.db.models import QuerySet

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels import queries as channels
from apps.channels.base import Channel, ChannelError, ChannelRefused, Cost
from apps.core import money
from apps.kinds import of
from apps.kinds.framed import FramedKind
from apps.ledger import queries as ledger
from apps.members.models import Membership, Organization
from apps.payments import queries as payments
from apps.pipeline import telling
from apps.pipeline.findings import Finding
from apps.workforce.models import Worker

OFFERING = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED)  # or will again


def cost(campaign: Campaign, *, places: int) -> Cost | None:
    """Return what so many places cost on the campaign's market, fees included; None for our own pool. Asks nobody."""
    if campaign.channel not in discovery.names():
        return None
    slots = ceil(places / campaign.page_size)
    market = discovery.of(campaign.channel)
    return market.quote(slots, reward=campaign.price, requirements=campaign.requirements)


def fee_of_bonus(worker: Worker, cents: int) -> int:
    """Return what a worker's market takes for a bonus; nothing is taken in our own pool. Asks nobody."""
    if worker.channel not in discovery.names() or cents <= 0:
        return 0
    return discovery.of(worker.channel).quote_bonus(cents).fees


def offered(campaign: Campaign) -> Iterator[Finding]:
    """Yield what keeps a campaign from a market, whatever it costs."""
    if campaign.channel not in discovery.names():
        return
    market = discovery.of(campaign.channel)
    if campaign.currency != market.currency:
        said = f"{campaign.channel} pays in {market.currency}, the campaign in {campaign.currency}"
        yield Finding("block", said, "pay")
    if campaign.price <= 0:
        yield Finding("block", "a market pays for every slot, so a page should pay something", "pay")
    if campaign.pay_tiers:
        yield Finding("block", "a market pays every slot of an offer alike, so there are no pay tiers on it", "pay")
    if not campaign.is_work:
        yield Finding("block", "trainings and tests are for our own pool: a market pays for work", "who")
    if isinstance(of(campaign.kind), FramedKind):
        yield Finding("block", "the question is a page in a frame already, and can't stand in another one", "settings")
    if market.closed:
        yield Finding("block", market.closed, "who")
    else:
        yield Finding("note", f"the market is the one at {market.environment}", "who")
    if unlimited := payments.without_limit(campaign.organization, currency=market.currency):
        said = f"two people decide from a limit on in {unlimited}, but {campaign.channel} pays in {market.currency}"
        yield Finding("note", f"{said}, in which one person alone decides: set a payout policy in it, too", "who")
    if payments.is_limited(campaign.organization, currency=market.currency) and _signers(campaign.organization) < 2:
        said = f"two people decide from a limit on in {market.currency}, and fewer here may: finance and admins"
        yield Finding("note", f"{said}. What reaches it waits until there is another one", "who")


def _signers(organization: Organization) -> int:
    """Return how many people may decide about a market's money."""
    signs = Membership.objects.filter(organization=organization, role__in=telling.PAYS, user__is_active=True)
    return signs.values("user").distinct().count()


def beside(campaign: Campaign) -> QuerySet[Campaign]:
    """Return the other campaigns that are to offer more on its market: of whatever organization, one account pays."""
    if campaign.channel not in discovery.names():
        return Campaign.objects.none()
    return Campaign.objects.filter(channel=campaign.channel, state__in=OFFERING).exclude(pk=campaign.pk)


def to_come(campaign: Campaign, *, total: int) -> int:
    """Return what of a campaign's cost at most, or of its budget, its market neither took nor holds already."""
    budget = ledger.budget(campaign.key)
    if budget is None:
        return total
    taken = budget.held + budget.spent - channels.unmade(campaign)
    return max(0, min(total, budget.amount) - taken)


@dataclass(frozen=True)
class Rest:
    """What other campaigns are still to cost at a market: the organization's own, and those of others there."""

    own: int = 0
    others: int = 0


def balance(campaign: Campaign, *, total: int, rest: Rest, promised: str = "", bonuses: int = 0) -> Iterator[Finding]:
    """Yield what the market's own money says to such a cost, with bonuses that are `promised` as its words say, beside
    what others are still to cost there.

    All organizations are paid from one account. So what others are still to cost is told of neither by itself nor as a
    difference: only that it is left aside, and what is left then where that is too little, for how much is to be added
    can't be told otherwise. Asks the market: call it outside transactions.
    """
    if campaign.channel not in discovery.names():
        return
    market: Channel = discovery.of(campaign.channel)
    if market.closed:
        return  # told above all: there is nobody to be asked
    try:
        has = market.balance()
    except ChannelError as error:
        said = f"the market can't be asked what money it holds: {error}"
        yield Finding("block", said, "funds", passes=not isinstance(error, ChannelRefused))
        return
    left, needed = has - rest.others, total + bonuses + rest.own
    costs = f"the whole campaign costs {money.show(total, campaign.currency)} at the market, fees included"
    costs += f", {promised}" if bonuses else ""
    own = money.show(rest.own, campaign.currency)
    if left < needed:
        costs += f", other campaigns of yours there may still cost {own}" if rest.own else ""
        holds = f"it holds {money.show(max(0, left), campaign.currency)}"
        holds += " beside what others at this endpoint may still need" if rest.others else ""
        yield Finding("block", f"{costs}, and {holds}: add to it first", "funds")
    elif rest.others:
        beside = f"what other campaigns of yours may still need, {own}, and " if rest.own else ""
        yield Finding("note", f"{costs}: it holds enough for that, beside {beside}what others there may", "funds")
    else:
        said = f"the market holds {money.show(has, campaign.currency)}"
        said += f", of which other campaigns of yours may still need {own}" if rest.own else ""
        yield Finding("note", f"{said}; {costs}" if bonuses else said, "funds")
