"""A campaign under way in numbers, at a cost that does not follow its size: shares of the newest answers, counters, and
what was kept a moment ago. However many look, it is read every two seconds at most, and never for more than a tenth of
the time: what takes long to read is kept longer.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import OuterRef, Subquery, Sum

from apps.campaigns.models import Campaign
from apps.payments.models import Obligation
from apps.quality.models import Consensus
from apps.reports.intervals import Share, wilson
from apps.reports.progress import Progress, progress
from apps.work.models import Assignment, Judgment, Place, Seat, Task
from apps.workforce.models import Skill, Worker

KEPT_SECONDS, KEPT_TIMES = 2, 10  # seconds, and as many times as the reading took
NEWEST = 10_000  # answers that shares and times are read from
MOST_LABELS, MOST_WORKERS, MOST_ITEMS, MOST_BROKEN = 20, 25, 10, 100
BINS = (2, 5, 10, 20, 30, 60, 120, 300, 600)  # seconds, the upper ends; the last column is open

T = TypeVar("T")


@dataclass(frozen=True)
class LabelAgreement:
    """How many of the answers to items that got this label say the same."""

    label: Any
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
    votes: int


@dataclass(frozen=True)
class Behind:
    """`answers` are those that labels and times were read from."""

    labels: list[LabelAgreement]
    times: Times | None
    workers: list[Labourer]
    workers_in_all: int
    hardest: list[Hard]
    broken: int


@dataclass(frozen=True)
class Broken:
    """A task that workers reported, with what they said."""

    task: Task
    notes: list[str]


def numbers(campaign: Campaign) -> Progress:
    """Return the campaign's progress as of the last two seconds; all who watch share one reading of it."""
    return _kept(f"live.numbers:{campaign.pk}:{campaign.state}", lambda: progress(campaign))


def behind(campaign: Campaign) -> Behind:
    """Return what stands behind the numbers, as of the last two seconds.

    Labels and times are of the newest 10,000 answers, the hardest items the first of an index, workers one pass over
    the seats: none of it follows the number of judgments.
    """
    return _kept(f"live.behind:{campaign.pk}:{campaign.state}", lambda: _behind(campaign))


def broken(campaign: Campaign) -> list[Broken]:
    """Return the tasks that are out of the work, the newest first, each with what workers said of it."""
    tasks = Task.objects.filter(campaign=campaign, state=Task.State.BROKEN).select_related("item").order_by("-pk")
    found = list(tasks[:MOST_BROKEN])
    said = Place.objects.filter(task__in=found, state=Place.State.BROKEN).order_by("pk").values_list("task", "note")
    notes: dict[int, list[str]] = {}
    for task, note in said:
        notes.setdefault(task, []).append(note)
    return [Broken(task, notes.get(task.pk, [])) for task in found]


def _kept(key: str, make: Callable[[], T]) -> T:
    found: T | None = cache.get(key)
    if found is None:
        began = time.monotonic()
        found = make()
        cache.set(key, found, max(KEPT_SECONDS, KEPT_TIMES * (time.monotonic() - began)))
    return found


def _behind(campaign: Campaign) -> Behind:
    seats = Seat.objects.filter(campaign=campaign)
    return Behind(
        labels=_labels(campaign),
        times=_times(campaign),
        workers=_workers(campaign),
        workers_in_all=seats.count(),
        hardest=_hardest(campaign),
        broken=numbers(campaign).broken,
    )


def _labels(campaign: Campaign) -> list[LabelAgreement]:
    """Return the commonest labels among the newest answers, with how far those answers agree with them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT label.answer, count(*), count(*) FILTER (WHERE newest.answer = label.answer)
            FROM (SELECT task_id, answer FROM work_judgment WHERE campaign_id = %s AND counted
                  ORDER BY id DESC LIMIT %s) newest
            JOIN quality_consensus label ON label.task_id = newest.task_id
            GROUP BY label.answer ORDER BY count(*) DESC, label.answer LIMIT %s
            """,
            [campaign.pk, NEWEST, MOST_LABELS],
        )
        rows = cursor.fetchall()
    shares = ((json.loads(label), wilson(same, n)) for label, n, same in rows)
    return [LabelAgreement(label, share) for label, share in shares if share is not None]


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
        Hard(label.task_id, label.task.item.external_id, label.answer, label.confidence, label.votes)
        for label in labels[:MOST_ITEMS]
    ]
