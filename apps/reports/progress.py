"""How far a campaign is: what a dashboard shows every few seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger.models import Budget
from apps.quality.models import Combination, Consensus
from apps.reports.intervals import Share, wilson
from apps.work.models import Assignment, Judgment, Seat, Split, Task
from apps.workforce.models import Skill

ACTIVE = timedelta(minutes=10)
PACE_OF = 500  # the newest judgments, which tell the pace


@dataclass(frozen=True)
class Progress:
    """Gold questions are not among items and judgments, as they are asked of workers and not for labels. Nor are those
    that are `left_out`: workers saw what a model suggests when their turn came, and it suggests nothing for them.

    Money is in minor units of `currency`: `spent` is owed or paid, `held` is for pages in hand or waiting for a
    verdict. `agreement` is Krippendorff's alpha as of the last fit, with its 95 % interval; `gold` the accuracy of all
    answers to gold questions as of then. `seconds_left` is None when nothing is left or nobody works.
    """

    items: int
    left_out: int
    broken: int
    judgments_wanted: int
    judgments_made: int
    labels: int
    final: bool
    currency: str
    spent: int
    held: int
    budget: int
    workers: int
    workers_active: int
    percent_agreement: float | None
    agreement: float | None
    agreement_low: float | None
    agreement_high: float | None
    gold: Share | None
    seconds_left: float | None
    at: datetime  # when it was read

    @property
    def share(self) -> float:
        """How much of the judgments wanted is made, in [0, 1]; 1 when none is wanted."""
        return self.judgments_made / self.judgments_wanted if self.judgments_wanted else 1.0


def progress(campaign: Campaign) -> Progress:
    """Return the campaign's numbers as of now, in seven queries; eight where a model suggests answers.

    Costs one pass over its tasks, one index-only count of its labels, a few index steps for each worker, and the newest
    500 judgments: it does not grow with the number of judgments. With a million tasks, about half a second.
    """
    began = clock.now()
    tasks = _tasks(campaign)
    budget = Budget.objects.filter(owner=campaign.key).first()
    combination = Combination.objects.filter(campaign=campaign).first() or Combination(campaign=campaign)
    compared = campaign.redundancy > 1  # with one answer an item only gold has several, which says nothing of labels
    workers, active = _workers(campaign)
    wanted, made = tasks["wanted"] or 0, tasks["made"] or 0
    return Progress(
        items=tasks["items"],
        left_out=_left_out(campaign),
        broken=tasks["broken"],
        judgments_wanted=wanted,
        judgments_made=made,
        labels=Consensus.objects.filter(campaign=campaign).count(),
        final=combination.final,
        currency=campaign.currency,
        spent=budget.spent if budget else 0,
        held=budget.held if budget else 0,
        budget=campaign.budget,  # not the counter: that gave back what was not spent when the campaign ended
        workers=workers,
        workers_active=active,
        percent_agreement=combination.percent_agreement if compared else None,
        agreement=combination.alpha if compared else None,
        agreement_low=combination.alpha_low if compared else None,
        agreement_high=combination.alpha_high if compared else None,
        gold=gold_accuracy(campaign),
        seconds_left=_seconds_left(campaign, wanted - made),
        at=began,
    )


def gold_accuracy(campaign: Campaign) -> Share | None:
    """Return how much of the answers to gold questions was right, as of the last fit; None without any."""
    seats = Seat.objects.filter(campaign=campaign).values("worker")
    sums = Skill.objects.filter(worker__in=seats, scope=campaign.key).aggregate(
        right=Sum("gold_right"), answers=Sum("gold_answers")
    )
    return wilson(sums["right"] or 0.0, sums["answers"] or 0)


def _tasks(campaign: Campaign) -> dict[str, Any]:
    """Count tasks and judgments; a broken or settled task wants no more than it has."""
    is_open = Q(state=Task.State.OPEN)
    return Task.objects.filter(campaign=campaign, gold=False).aggregate(
        items=Count("pk"),
        broken=Count("pk", filter=Q(state=Task.State.BROKEN)),
        made=Sum("judged"),
        wanted=Sum(F("wanted"), filter=is_open, default=0) + Sum(F("judged"), filter=~is_open, default=0),
    )


def _left_out(campaign: Campaign) -> int:
    if not campaign.suggestion_field:
        return 0
    return Split.objects.filter(campaign=campaign).values_list("left_out", flat=True).first() or 0


def _workers(campaign: Campaign) -> tuple[int, int]:
    """Count who ever came, and who has a page in hand or handed one in lately."""
    theirs = Assignment.objects.filter(campaign=campaign, worker=OuterRef("worker"))
    now = clock.now()
    counts = Seat.objects.filter(campaign=campaign).aggregate(
        all=Count("pk"),
        active=Count(
            "pk",
            filter=Exists(theirs.filter(state=Assignment.State.LEASED, expires_at__gte=now))
            | Exists(theirs.filter(submitted_at__gte=now - ACTIVE)),
        ),
    )
    return counts["all"], counts["active"]


def _seconds_left(campaign: Campaign, judgments: int) -> float | None:
    """Return how long so many judgments take at the pace of the newest ones; a pause until now counts as slowness."""
    newest = Judgment.objects.filter(campaign=campaign, task__gold=False).order_by("-pk")
    times = list(newest.values_list("created_at", flat=True)[:PACE_OF])
    if judgments <= 0 or len(times) < 2:
        return None
    took = (clock.now() - min(times)).total_seconds()
    return judgments * took / len(times) if took > 0 else None
