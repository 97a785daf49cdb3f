"""Open slots that wait: one worker takes one slot of an offer, so a small pool leaves the rest of it where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from apps.campaigns.models import Campaign
from apps.channels import queries
from apps.channels.models import Claim, Publication
from apps.core import clock
from apps.ledger import queries as ledger
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce.models import Worker

QUIET = timedelta(minutes=30)  # without anybody who came; and at a market, where few look all the time
CAME = Q(state=Claim.State.CONFIRMED)


@dataclass(frozen=True)
class Wait:
    """An offer whose open slots have waited; str() says that in a sentence, and what can be done."""

    offer: Publication
    since: datetime
    slots: int
    came: int
    is_wanted: bool  # one of those who came would find work in another offer
    is_idle: bool  # and has come to all others that have slots left
    is_worked_on: bool  # as long as anybody is, it holds its open slots' money, taken off or not
    is_payable: bool  # the budget pays for as many slots besides those

    @property
    def is_used_up(self) -> bool:
        """Whether as many slots should be offered anew, and can be."""
        return self.is_idle and (self.is_payable or not self.is_worked_on)

    def __str__(self) -> str:
        said = f"{self.slots} of its slots have waited since {self.since:%Y-%m-%d %H:%M} UTC"
        if not self.came:
            return f"{said}, and nobody has taken any: see whether anybody is there, what it pays, and whom it asks for"
        if self.is_used_up:
            return f"{said}: who came has one of it already, so they are taken off and offered anew at its next look"
        if self.is_idle:
            return (
                f"{said}: who came has one of it already; they are offered anew once nobody is at work on the others, "
                "as till then the budget pays for no more: or add to it"
            )
        if self.is_wanted:
            return f"{said}: who came has one of it already, and can take slots of other offers"
        return (
            f"{said} for others than the {self.came} who came, who were asked all that is open: invite more workers, "
            "or ask for fewer judgments"
        )


def waiting(offers: QuerySet[Publication]) -> QuerySet[Publication]:
    """Return those of these offers that have slots left and that nobody came to lately: with how many, since when, how
    many workers handed in one, and how many are at work."""
    latest = Greatest(
        Coalesce("offered_at", "planned_at"), Max("claims__claimed_at"), Max("claims__saved_at"),
        Max("claims__confirmed_at"),
    )  # fmt: skip
    return (
        offers.filter(state=Publication.State.LIVE, owed="", asked=F("slots"))
        .annotate(
            left=F("asked") - Count("claims", filter=queries.TAKEN),
            quiet_since=latest,
            came=Count("claims__worker", filter=Q(claims__state=Claim.State.CONFIRMED), distinct=True),
            at_work=Count("claims", filter=Q(claims__state=Claim.State.CLAIMED)),
        )
        .filter(left__gt=0, quiet_since__lte=clock.now() - QUIET)
    )


def waits(campaign: Campaign, offers: QuerySet[Publication], *, most: int | None = None) -> list[Wait]:
    """Return which of these offers of a campaign wait, at `most` so many: with as many questions however many there
    are, but for who of those that came would find work."""
    found: list[Any] = list(waiting(offers)[:most])  # with what they are annotated with
    if not found:
        return []
    wanted, idle = _by_worker(campaign, found)
    cost, budget = queries.cost_of_slot(campaign), ledger.budget(campaign.key)
    payable = budget.free // cost.total if budget and cost and cost.total else 0
    return [
        Wait(
            offer=offer, since=offer.quiet_since, slots=offer.left, came=offer.came, is_wanted=offer.pk in wanted,
            is_idle=offer.pk in idle, is_worked_on=offer.at_work > 0, is_payable=offer.left <= payable,
        )
        for offer in found
    ]  # fmt: skip


def _by_worker(campaign: Campaign, offers: Sequence[Publication]) -> tuple[set[UUID], set[UUID]]:
    """Return to which of these offers somebody came who would find work; and who, besides, finds no offer for it."""
    if campaign.state != Campaign.State.RUNNING:
        return set(), set()
    came = Claim.objects.filter(CAME, publication__in=[offer.pk for offer in offers])
    able = work.may_find(Worker.objects.filter(pk__in=came.values("worker")), campaign)
    workers = {worker.pk: worker for worker in able.annotate(has_others=Exists(_others(campaign)))}

    @cache
    def has_work(worker: UUID) -> bool:
        return work.has_work(campaign, worker=workers[worker])

    wanted: set[UUID] = set()
    idle: set[UUID] = set()
    pairs = came.filter(worker__in=list(workers)).order_by("worker").values_list("publication", "worker").distinct()
    for offer, worker in sorted(pairs, key=lambda pair: workers[pair[1]].has_others):  # those first that settle it
        if offer not in wanted and has_work(worker):
            wanted.add(offer)
            if not workers[worker].has_others:
                idle.add(offer)
    return wanted, idle


def _others(campaign: Campaign) -> QuerySet[Publication]:
    """Return the offers with slots left, made or about to be, that the worker of an outer query never came to."""
    taken = Claim.objects.filter(CAME | Q(page__state=Assignment.State.LEASED), publication=OuterRef("pk"))
    count = taken.order_by().values("publication").annotate(n=Count("pk")).values("n")
    own = Claim.objects.filter(publication=OuterRef("pk"), worker=OuterRef(OuterRef("pk")))
    rows = queries.here(campaign).filter(owed="", expires_at__gt=clock.now())
    return rows.filter(~Exists(own), asked__gt=Coalesce(Subquery(count), Value(0), output_field=IntegerField()))
