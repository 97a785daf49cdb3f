"""A campaign under way in numbers, at a cost that does not follow its size: shares of the newest answers, counters, and
what was kept a moment ago. Pages ask each second, so that what they show is two seconds old at most; however many look,
it is read once a second. What takes long to read is kept longer, and bears the time that it is of.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.payments.models import Obligation
from apps.quality.models import Consensus
from apps.reports.intervals import Share, clustered, wilson
from apps.reports.kept import kept
from apps.reports.progress import Progress, progress
from apps.reports.suggested import Suggested, suggested
from apps.work.models import Assignment, Judgment, Place, Seat, Task
from apps.workforce.models import Skill, Worker

SUGGESTED_SECONDS = 30  # thousands of items are read for it, and what it tells changes slowly
NEWEST = 10_000  # answers that shares and times are read from
MOST_LABELS, MOST_WORKERS, MOST_ITEMS, MOST_BROKEN = 20, 25, 10, 100
BINS = (2, 5, 10, 20, 30, 60, 120, 300, 600)  # seconds, the upper ends; the last column is open


@dataclass(frozen=True)
class AnswerAgreement:
    """An answer that was given so often; of what others said to the same items, the share that is the same."""

    answer: Any
    given: int
    share: Share


@dataclass(frozen=True)
class Times:
    """Seconds for a question: `median` and the middle nine tenths, and how many answers fall into each bin."""

    answers: int
    low: float
    median: float
    high: float
    bins: list[tuple[str, int]]

    @property
    def most(self) -> int:
        return max(n for _name, n in self.bins)

    @property
    def filled(self) -> list[tuple[str, int]]:
        """The bins up to the last with an answer in it."""
        return self.bins[: 1 + max(at for at, (_name, n) in enumerate(self.bins) if n)]


@dataclass(frozen=True)
class Labourer:
    """One worker in the campaign; `gold` is None before an answer to a known question was fitted, `earned` is owed."""

    worker: Worker
    pages: int
    places: int
    earned: int
    skill: Skill | None
    gold: Share | None
    seen_at: datetime | None


@dataclass(frozen=True)
class Hard:
    """A task whose label is least sure."""

    task: int
    item: str
    label: Any
    confidence: float
    calibrated: bool
    votes: int


@dataclass(frozen=True)
class Behind:
    """`answers` are those that labels and times were read from."""

    labels: list[AnswerAgreement]
    times: Times | None
    workers: list[Labourer]
    workers_in_all: int
    hardest: list[Hard]
    broken: int
    suggested: Suggested | None
    at: datetime = field(default_factory=clock.now, repr=False, compare=False)  # when it was read


@dataclass(frozen=True)
class Broken:
    """A task that workers reported, with what they said."""

    task: Task
    notes: list[str]


def numbers(campaign: Campaign) -> Progress:
    """Return the campaign's progress as of the last second; all who watch share one reading of it."""
    return kept(f"live.numbers:{campaign.pk}:{campaign.state}", lambda: progress(campaign))


def behind(campaign: Campaign) -> Behind:
    """Return what stands behind the numbers, as of the last second.

    Labels and times are of the newest 10,000 answers, the hardest items the first of an index, workers one pass over
    the seats: none of it follows the number of judgments. What a model suggests is read every half a minute.
    """
    return kept(f"live.behind:{campaign.pk}:{campaign.state}", lambda: _behind(campaign))


def broken(campaign: Campaign) -> list[Broken]:
    """Return the tasks that are out of the work, the newest first, each with what workers said of it."""
    tasks = Task.objects.filter(campaign=campaign, state=Task.State.BROKEN).select_related("item").order_by("-pk")
    found = list(tasks[:MOST_BROKEN])
    said = Place.objects.filter(task__in=found, state=Place.State.BROKEN).order_by("pk").values_list("task", "note")
    notes: dict[int, list[str]] = {}
    for task, note in said:
        notes.setdefault(task, []).append(note)
    return [Broken(task, notes.get(task.pk, [])) for task in found]


def _behind(campaign: Campaign) -> Behind:
    seats = Seat.objects.filter(campaign=campaign)
    return Behind(
        at=clock.now(),  # before anything is read
        labels=_labels(campaign),
        times=_times(campaign),
        workers=_workers(campaign),
        workers_in_all=seats.count(),
        hardest=_hardest(campaign),
        broken=numbers(campaign).broken,
        suggested=kept(
            f"live.suggested:{campaign.pk}:{campaign.state}:{campaign.suggested_to}:{campaign.suggestion_withheld}",
            lambda: suggested(campaign),
            least=SUGGESTED_SECONDS,
        ),
    )


def _labels(campaign: Campaign) -> list[AnswerAgreement]:
    """Return the commonest of the newest answers, each with how many of the others at its items say the same.

    Answers are compared with each other, and not with the label, which they made themselves: of two workers at one item
    one says this, how often does the other? J. L. Fleiss: Statistical methods for rates and proportions, 1981, 13.1.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT answer, same, sum(same) OVER (PARTITION BY task_id)
            FROM (SELECT newest.task_id, newest.answer, count(*) AS same
                  FROM (SELECT task_id, answer FROM work_judgment WHERE campaign_id = %s AND counted
                        ORDER BY id DESC LIMIT %s) newest
                  JOIN work_task task ON task.id = newest.task_id AND NOT task.gold
                  GROUP BY 1, 2) item
            """,
            [campaign.pk, NEWEST],
        )
        rows = cursor.fetchall()
    found: dict[str, list[tuple[int, int]]] = {}
    for answer, same, made in rows:
        found.setdefault(answer, []).append((same, int(made)))
    given = {answer: sum(same for same, _made in items) for answer, items in found.items()}
    commonest = sorted(found, key=lambda answer: (-given[answer], answer))[:MOST_LABELS]
    shares = (
        (answer, clustered([(same * (same - 1), same * (made - 1)) for same, made in found[answer] if made > 1]))
        for answer in commonest
    )
    return [AnswerAgreement(json.loads(answer), given[answer], share) for answer, share in shares if share]


def _times(campaign: Campaign) -> Times | None:
    newest = Judgment.objects.filter(campaign=campaign).order_by("-pk").values_list("seconds", flat=True)[:NEWEST]
    seconds = sorted(newest)
    if not seconds:
        return None
    counts = [0] * (len(BINS) + 1)
    for one in seconds:
        counts[next((n for n, end in enumerate(BINS) if one <= end), len(BINS))] += 1
    names = [*(f"≤ {end} s" for end in BINS), f"> {BINS[-1]} s"]
    return Times(
        answers=len(seconds),
        low=_quantile(seconds, 0.05),
        median=_quantile(seconds, 0.5),
        high=_quantile(seconds, 0.95),
        bins=list(zip(names, counts, strict=True)),
    )


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def _workers(campaign: Campaign) -> list[Labourer]:
    # By the page, which an index has for each worker; nobody has one of judgments for each worker.
    handed_in = Assignment.objects.filter(worker=OuterRef("worker"), campaign=campaign, submitted_at__isnull=False)
    newest = handed_in.order_by("-submitted_at").values("submitted_at")
    seats = Seat.objects.filter(campaign=campaign).select_related("worker").order_by("-pages", "pk")[:MOST_WORKERS]
    found = list(seats.annotate(seen_at=Subquery(newest[:1])))
    workers: list[UUID] = [seat.worker_id for seat in found]
    skills = {skill.worker_id: skill for skill in Skill.objects.filter(worker__in=workers, scope=campaign.key)}
    earned = dict(
        Obligation.objects.filter(campaign=campaign, worker__in=workers)
        .values_list("worker")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    return [
        Labourer(
            worker=seat.worker,
            pages=seat.pages,
            places=seat.places,
            earned=earned.get(seat.worker_id, 0),
            skill=(skill := skills.get(seat.worker_id)),
            gold=wilson(skill.gold_right, skill.gold_answers) if skill else None,
            seen_at=seat.seen_at,
        )
        for seat in found
    ]


def _hardest(campaign: Campaign) -> list[Hard]:
    labels = Consensus.objects.filter(campaign=campaign).order_by("confidence", "task").select_related("task__item")
    return [
        Hard(
            label.task_id, label.task.item.external_id, label.answer, label.confidence, label.is_calibrated, label.votes
        )
        for label in labels[:MOST_ITEMS]
    ]
