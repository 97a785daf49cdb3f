"""What a campaign is due for, as its rows say: asked by the steps before they act, and by the sweep."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from apps.campaigns import queries as campaigns
from apps.campaigns.models import Campaign, GoldQuestion
from apps.channels import queries as channels
from apps.core import clock
from apps.datasets.models import Item
from apps.ledger import queries as ledger
from apps.ledger.models import Budget
from apps.members import accounts
from apps.members.models import User
from apps.payments import queries as payments
from apps.quality import queries as quality
from apps.quality.models import Combination
from apps.work import queries as work
from apps.work.models import Judgment, Split, Task
from apps.workforce import queries as workforce

State = Campaign.State
# New items become tasks in these; a completed campaign is opened again by them.
WORKING = (State.LAUNCHING, State.RUNNING, State.PAUSED, State.COMPLETED)


def may_be_due(at: datetime) -> QuerySet[Campaign]:
    """Return the campaigns of which something may be due: all that are not over, and few of those that are.

    A house has many more that are over; each is a look into an index or two here, where asking what they are due for
    is eight questions. Over and at rest is one whose labels are final and of its newest judgment, whose budget is given
    back, and into which, unless it was stopped, no item, gold or judgment that is wanted came since.
    """
    of = {"campaign": OuterRef("pk")}
    newest = Coalesce(Subquery(Judgment.objects.filter(**of).order_by("-pk").values("pk")[:1]), 0)
    combined = Combination.objects.filter(
        **of, final=True, changes__lte=F("changes_combined"), judgments_combined__gte=OuterRef("newest")
    )
    owner = Concat(Value("campaign:"), Cast("pk", CharField()))
    funded = Budget.objects.filter(owner=OuterRef("owner"), amount__gt=F("held") + F("spent"))
    split = Coalesce(Subquery(Split.objects.filter(**of).order_by().values("up_to_item")[:1]), 0)
    items = Item.objects.filter(dataset=OuterRef("dataset"), pk__gt=OuterRef("up_to_item"))
    known = GoldQuestion.objects.filter(campaign=OuterRef("campaign"), item=OuterRef("item"))
    marked = Task.objects.filter(Exists(known), **of, gold=False, taken=0)
    wanted = Task.objects.filter(**of, state=Task.State.OPEN, gold=False, judged__lt=F("wanted"))
    more = Q(state=State.COMPLETED) & (Exists(items) | Exists(marked) | Exists(wanted))
    stirs = Q(ended_at=None) | ~Exists(combined) | Exists(funded) | more
    known_of = Campaign.objects.annotate(newest=newest, owner=owner, up_to_item=split)
    return known_of.exclude(state=State.DRAFT).filter(stirs).order_by("pk")


def can_split(campaign: Campaign) -> bool:
    """Return whether items wait to be made tasks, tasks to be made gold, or the campaign to be opened."""
    if campaign.state not in WORKING:
        return False
    return (
        campaign.state == State.LAUNCHING
        or work.items_to_split(campaign)
        or work.has_gold_to_mark(campaign)
        or can_reopen(campaign)
    )


def can_reopen(campaign: Campaign) -> bool:
    """Return whether a completed campaign has work again, and money for it."""
    return campaign.state == State.COMPLETED and work.has_unfinished_tasks(campaign) and campaigns.can_pay(campaign)


def takes_money(campaign: Campaign) -> bool:
    """Return whether more budget would do something: not for a completed campaign without new work."""
    return campaign.state != State.COMPLETED or work.has_unfinished_tasks(campaign) or work.items_to_split(campaign)


def is_finished(campaign: Campaign) -> bool:
    """Return whether a campaign can be ended; of one that has ended, whether its budget has something to give back."""
    if campaign.ended_at is not None:
        return _has_free_budget(campaign) and not can_reopen(campaign)
    if campaign.state == State.STOPPING:
        return not work.has_unsettled_pages(campaign) and not channels.is_out(campaign)
    return (
        campaign.state == State.RUNNING
        and not campaign.open_ended
        and not campaign.in_pilot
        and campaign.is_work
        and not work.has_unfinished_tasks(campaign)
        and not work.has_unsettled_pages(campaign)
        and not channels.is_out(campaign)
        and not work.items_to_split(campaign)
        and not quality.is_asking_due(campaign)
    )


def is_pilot_over(campaign: Campaign) -> bool:
    """Return whether a campaign's pilot is to be judged."""
    return campaign.state == State.RUNNING and has_done_pilot(campaign)


def has_done_pilot(campaign: Campaign) -> bool:
    """Return whether all of the first items have their judgments, and the others did not follow yet."""
    return campaign.in_pilot and not work.items_to_split(campaign) and not work.has_unfinished_tasks(campaign)


def is_moving(campaign: Campaign) -> bool:
    """Return whether the belt has something to do for the campaign now; pages that wait for a person are none of it."""
    return (
        can_split(campaign)
        or is_finished(campaign)
        or is_pilot_over(campaign)
        or quality.is_combination_due(campaign)
        or quality.is_asking_due(campaign)
        or quality.unsettled(clock.now()).filter(campaign=campaign).exists()
    )


def _has_free_budget(campaign: Campaign) -> bool:
    budget = ledger.budget(campaign.key)
    return budget is not None and budget.free > 0


def to_erase() -> Iterator[User]:
    """Yield who asked to be erased and has nothing more coming."""
    return (user for user in accounts.to_erase() if not payments.is_owed(workforce.identities(user)))
