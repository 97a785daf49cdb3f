"""What happened to a campaign's HITs and was not told yet, as the rows of the work say."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from apps.campaigns.models import Campaign
from apps.core import clock, resting
from apps.core.keys import key_of
from apps.hitevents.models import HitEvent, Kind, Listener
from apps.members.models import Trail
from apps.work.models import Assignment, Task

State = Assignment.State
STOPPED = Q(campaign__state__in=(Campaign.State.STOPPING, Campaign.State.STOPPED))  # nobody can take its HITs
AT_ONCE = 1000  # of one kind for one listener, in one go


def listening() -> QuerySet[Listener]:
    return Listener.objects.filter(active=True).select_related("campaign")


def due(at: datetime) -> QuerySet[HitEvent]:
    """Return what is to be sent by now, the longest waiting first; nothing to a listener that rests."""
    waiting = HitEvent.objects.filter(state=HitEvent.State.WAITING, due_at__lte=at, listener__active=True)
    return waiting.filter(resting.awake("listener", at)).order_by("due_at")


def next_of(organization: UUID) -> HitEvent | None:
    """Return what of an organization's is to be sent next."""
    return due(clock.now()).filter(listener__campaign__organization=organization).first()


def first_of_each(at: datetime) -> QuerySet[HitEvent]:
    """Return of each organization what is to be sent first: what comes after follows from it."""
    of = "listener__campaign__organization_id"
    return due(at).order_by(of, "due_at").distinct(of)


def untold(listener: Listener) -> Iterator[HitEvent]:
    """Yield the events that a listener wants to know of and was not told: of assignments, and of HITs by the clock."""
    for kind in listener.kinds:
        if kind in OF_ASSIGNMENTS:
            yield from _of_assignments(listener, Kind(kind))
    if Kind.HIT_EXPIRED in listener.kinds:
        yield from _expired(listener)
    if Kind.HIT_REVIEWABLE in listener.kinds:
        yield from _reviewable(listener)


# Which assignments it happened to, and since when: nobody writes down when one was given back, and an expired one's
# time is its lease's end.
OF_ASSIGNMENTS: dict[str, tuple[Q, str]] = {
    Kind.ACCEPTED: (Q(), "leased_at"),
    Kind.SUBMITTED: (Q(submitted_at__isnull=False), "submitted_at"),
    Kind.ABANDONED: (Q(state=State.EXPIRED), "expires_at"),
    Kind.RETURNED: (Q(state=State.RETURNED), "leased_at"),
    Kind.APPROVED: (Q(state=State.APPROVED), "decided_at"),
    # Also one that was approved later: the trail knows that it had been rejected.
    Kind.REJECTED: (Q(state__in=[State.REJECTED, State.APPROVED]), "submitted_at"),
}


def _of_assignments(listener: Listener, kind: Kind) -> Iterator[HitEvent]:
    which, since = OF_ASSIGNMENTS[kind]
    told = HitEvent.objects.filter(listener=listener, kind=kind, assignment=OuterRef("pk"))
    rows = Assignment.objects.filter(which, campaign=listener.campaign_id).exclude(Exists(told))
    if kind != Kind.RETURNED:
        rows = rows.filter(**{f"{since}__gte": listener.since})
    if kind == Kind.REJECTED:
        subject = key_of("assignment")
        rows = rows.filter(Exists(Trail.objects.filter(subject=subject, verb="reject")))
    named = rows.annotate(hit=F("places__task__item__external_id")).order_by("pk")[:AT_ONCE]
    now = clock.now()
    for row in named:
        at = now if kind in (Kind.RETURNED, Kind.REJECTED) else getattr(row, since)
        yield HitEvent(listener=listener, kind=kind, hit=row.hit, assignment=row.pk, at=at)


def _expired(listener: Listener) -> Iterator[HitEvent]:
    """Yield the HITs whose time is over, or whose type was stopped before."""
    now = clock.now()
    closed = Q(closes_at__lte=now, closes_at__gte=listener.since)
    unheard = Q(campaign__ended_at=None) | Q(campaign__ended_at__gte=listener.since)
    over = _tasks(listener).filter(closed | (STOPPED & unheard & Q(closes_at__gt=now)))
    for task in over.exclude(Exists(_told_of(listener, Kind.HIT_EXPIRED)))[:AT_ONCE]:
        yield _event(listener, Kind.HIT_EXPIRED, task, at=min(task.closes_at or now, now))


def _reviewable(listener: Listener) -> Iterator[HitEvent]:
    """Yield the HITs at which nobody is any more, and that nobody can take: all is handed in, or time is over."""
    at_work = Count("places", filter=Q(places__assignment__state=State.LEASED))
    over = Q(closes_at__lte=clock.now()) | STOPPED | Q(taken__gte=F("wanted"))
    rows = _tasks(listener).annotate(at_work=at_work).filter(over, at_work=0)
    for task in rows.exclude(Exists(_told_of(listener, Kind.HIT_REVIEWABLE)))[:AT_ONCE]:
        yield _event(listener, Kind.HIT_REVIEWABLE, task, at=clock.now())


def _tasks(listener: Listener) -> QuerySet[Task]:
    """Return the tasks of HITs: one that got another type leaves a task behind, which ended with nobody's HIT."""
    return Task.objects.filter(campaign=listener.campaign_id, hit__isnull=False).select_related("item").order_by("pk")


def _told_of(listener: Listener, kind: Kind) -> QuerySet[HitEvent]:
    """Return what was told of a HIT's end; the ends before it was extended carry a mark."""
    return HitEvent.objects.filter(listener=listener, kind=kind, hit=OuterRef("item__external_id"), once="")


def _event(listener: Listener, kind: Kind, task: Task, *, at: datetime) -> HitEvent:
    return HitEvent(listener=listener, kind=kind, hit=task.item.external_id, at=at)
