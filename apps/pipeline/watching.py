"""How far the belt is behind, and what it has given up: what an operator watches. Each is read by an index."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import CharField, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.datasets.models import Import
from apps.pipeline.models import Delivery, Operation, Schedule
from apps.quality import queries as quality
from apps.work import queries as work
from apps.work.models import Assignment
from labelcrowd import broker

COUNTED = 10_000  # of a queue's messages: more is as bad


def queue_problem() -> str:
    """Return why messages can't be sent now; nothing when they can."""
    try:
        broker.waiting(broker.QUEUES[0], 1)
    except DatabaseError:
        raise
    except broker.UNREACHABLE as error:
        return f"the broker does not answer ({type(error).__name__}): messages wait for the sweep until it does"
    return ""


def messages_waiting() -> dict[str, int] | None:
    """Return for each queue how many messages nobody has taken yet, 10,000 at most; None where the broker is away."""
    try:
        return {name: broker.waiting(name, COUNTED) for name in broker.QUEUES}
    except broker.UNREACHABLE:
        return None


def queue_lag() -> float | None:
    """Return for how many seconds the oldest message has waited; None where the broker can't tell."""
    return broker.oldest_wait()


def messages_stuck() -> int:
    """Return how many messages a worker took long ago and neither did nor gave back."""
    return broker.stuck()


def oldest_due() -> float:
    """Return for how many seconds that has been due which is due longest.

    Pages to be taken back or settled; imports, exports and whatever else somebody asked for, not begun; launches.
    """
    now = clock.now()
    since = Coalesce("review__approve_at", "review_after", "submitted_at")
    rows: tuple[tuple[QuerySet[Any], Any], ...] = (
        (work.overdue(now), "expires_at"),
        (quality.unsettled(now), since),
        (Import.objects.filter(state=Import.State.WAITING), "created_at"),
        (Operation.objects.filter(state=Operation.State.WAITING), "created_at"),
        (Campaign.objects.filter(state=Campaign.State.LAUNCHING), "launched_at"),
    )
    moments = [each.aggregate(first=Min(moment))["first"] for each, moment in rows]
    return max(((now - moment) / timedelta(seconds=1) for moment in moments if moment is not None), default=0.0)


def deliveries_of(organizations: Iterable[UUID]) -> QuerySet[Delivery]:
    """Return the steps begun and not ended for rows of these organizations; a delivery knows only its row's id."""
    rows: tuple[QuerySet[Campaign] | QuerySet[Assignment] | QuerySet[Import], ...] = (
        Campaign.objects.filter(organization__in=organizations),
        Assignment.objects.filter(organization__in=organizations),
        Import.objects.filter(dataset__organization__in=organizations),
    )
    theirs = Q()
    for these in rows:
        of_key = these.annotate(as_text=Cast("pk", CharField())).filter(as_text=OuterRef("key"))
        theirs |= Q(Exists(of_key))
    return Delivery.objects.filter(theirs)


def parked() -> int:
    """Return how many steps were given up and wait for a person."""
    return Delivery.objects.filter(parked_at__isnull=False).count()


def scheduler_silence() -> float | None:
    """Return for how many seconds no scheduler has done anything; None before the first did."""
    latest = Schedule.objects.aggregate(latest=Max("ran_at"))["latest"]
    return None if latest is None else (clock.now() - latest) / timedelta(seconds=1)
