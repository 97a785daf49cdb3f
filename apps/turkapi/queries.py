"""What a requester asks about HITs and assignments, over the house's own rows."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.members.models import Organization
from apps.turkapi import names
from apps.turkapi.errors import missing
from apps.turkapi.models import Hit, HitType
from apps.work.models import Assignment, Place
from apps.workforce.models import Worker

ASSIGNABLE, UNASSIGNABLE, REVIEWABLE, REVIEWING, DISPOSED = (
    "Assignable", "Unassignable", "Reviewable", "Reviewing", "Disposed",
)  # fmt: skip
State = Assignment.State
HANDED_IN = (State.SUBMITTED, State.APPROVED, State.REJECTED)
STOPPED = (Campaign.State.STOPPING, Campaign.State.STOPPED)  # for good: the only end of an open-ended campaign


@dataclass(frozen=True)
class Counts:
    """A HIT's assignments: at work on, waiting for a verdict, judged; and those that nobody has taken."""

    most: int
    pending: int
    submitted: int
    completed: int

    @property
    def available(self) -> int:
        return max(0, self.most - self.pending - self.submitted - self.completed)


def of_caller(organization: Organization) -> QuerySet[Hit]:
    """Return the organization's HITs that are not disposed of, with their counts at hand."""
    return counted(Hit.objects.filter(type__organization=organization, disposed_at=None))


def counted(rows: QuerySet[Hit]) -> QuerySet[Hit]:
    """Annotate HITs with `pending`, `submitted` and `completed`, and join what a HIT is told with."""
    places = Place.objects.filter(task=OuterRef("task")).order_by().values("task")

    def count(*states: str) -> Coalesce:
        found = places.annotate(n=Count("pk", filter=Q(assignment__state__in=states))).values("n")
        return Coalesce(Subquery(found, output_field=IntegerField()), 0)

    return rows.annotate(
        pending=count(State.LEASED),
        submitted=count(State.SUBMITTED),
        completed=count(State.APPROVED, State.REJECTED),
    ).select_related("type__campaign", "task__item")


def counts(hit: Hit) -> Counts:
    """Return the HIT's counts; one query for a row that has them not at hand."""
    row = hit if hasattr(hit, "pending") else counted(Hit.objects.filter(pk=hit.pk)).get()
    return Counts(hit.most, row.pending, row.submitted, row.completed)  # type: ignore[attr-defined]  # annotated


def status(hit: Hit) -> str:
    """Return where the HIT is in its life."""
    if hit.disposed_at is not None:
        return DISPOSED
    if hit.reviewing:
        return REVIEWING
    now = counts(hit)
    if now.available and not is_over(hit):
        return UNASSIGNABLE if is_paused(hit.type) else ASSIGNABLE
    return UNASSIGNABLE if now.pending else REVIEWABLE


def is_over(hit: Hit) -> bool:
    """Return whether nobody can take the HIT any more: its time is over, or its type was stopped."""
    closes_at = hit.task.closes_at
    return is_stopped(hit.type) or (closes_at is not None and closes_at <= clock.now())


def is_stopped(of: HitType) -> bool:
    return of.campaign.state in STOPPED


def is_paused(of: HitType) -> bool:
    return of.campaign.state == Campaign.State.PAUSED


def reviewable(organization: Organization) -> QuerySet[Hit]:
    """Return the HITs that nobody can take or is at work on: all answers are there, or time is over."""
    taken = F("submitted") + F("completed")
    over = Q(task__closes_at__lte=clock.now()) | Q(type__campaign__state__in=STOPPED) | Q(most__lte=taken)
    return of_caller(organization).filter(over & Q(pending=0))


def hit(organization: Organization, key: str) -> Hit:
    """Return the organization's HIT, a disposed one too; raise `Refused`."""
    pk = names.read(key)
    found = counted(Hit.objects.filter(pk=pk, type__organization=organization)).first() if pk else None
    if found is None:
        raise missing("HIT", key)
    return found


def hit_type(organization: Organization, key: str) -> HitType:
    """Return the organization's HIT type; raise `Refused`."""
    pk = names.read(key)
    own = HitType.objects.select_related("campaign__dataset", "campaign__organization")
    found = own.filter(pk=pk, organization=organization).first() if pk else None
    if found is None:
        raise missing("HITType", key)
    return found


def assignments(of: Hit) -> QuerySet[Assignment]:
    """Return what was handed in for a HIT, with verdicts and answers."""
    return _told(Assignment.objects.filter(places__task=of.task_id))


def assignment(organization: Organization, key: str) -> Assignment:
    """Return an assignment that was handed in for one of the organization's HITs; raise `Refused`."""
    pk = names.read(key)
    own = _told(Assignment.objects.filter(campaign__hit_type__organization=organization))
    found = own.filter(pk=pk).first() if pk else None
    if found is None:
        raise missing("Assignment", key)
    return found


def hit_of(of: Assignment) -> Hit:
    """Return the HIT that an assignment was handed in for."""
    return counted(Hit.objects.filter(task__places__assignment=of)).get()


def worker(organization: Organization, key: str) -> Worker:
    """Return the organization's worker; raise `Refused`."""
    pk = names.read_worker(key)
    found = Worker.objects.filter(pk=pk, organization=organization).first() if pk else None
    if found is None:
        raise missing("Worker", key)
    return found


def workers_of(organization: Organization) -> frozenset[UUID]:
    """Return the workers whose work the organization's requesters have judged: whom they may write to."""
    seen = Assignment.objects.filter(organization=organization, state__in=(State.APPROVED, State.REJECTED))
    return frozenset(seen.values_list("worker", flat=True))


def _told(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return rows.filter(state__in=HANDED_IN).select_related("campaign", "review", "worker")
