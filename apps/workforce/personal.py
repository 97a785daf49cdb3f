"""What is held about people as workers."""

from django.db.models import Q

from apps.core.privacy import Held, Person, Rows
from apps.workforce import erasing
from apps.workforce.models import Invitation, Link, Qualification, Restriction, Trace, Worker


def _workers(person: Person) -> Rows:
    rows = Worker.objects.filter(pk__in=person.workers).order_by("created_at")
    return rows.values("id", "organization__name", "channel", "external_id", "name", "languages", "created_at")


def _groups(person: Person) -> Rows:
    rows = Worker.objects.filter(pk__in=person.workers, groups__isnull=False).order_by("created_at")
    return rows.values("id", "groups__name")


def _invitations(person: Person) -> Rows:
    return Invitation.objects.filter(worker__in=person.workers).values("email", "created_at", "sent_at", "languages")


def _qualifications(person: Person) -> Rows:
    return Qualification.objects.filter(worker__in=person.workers).values("name", "value", "granted_at")


def _traces(person: Person) -> Rows:
    return Trace.objects.filter(worker__in=person.workers).values("kind", "digest", "seen_at")


def _links(person: Person) -> Rows:
    """Return that an account of theirs looks like another's. Whose, and why not after all, would tell of the other."""
    rows = Link.objects.filter(Q(first__in=person.workers) | Q(second__in=person.workers))
    return rows.values("kind", "found_at", "cleared_at")


def _restrictions(person: Person) -> Rows:
    rows = Restriction.objects.filter(worker__in=person.workers)
    return rows.values("scope", "reason", "starts_at", "ends_at")


def _forget(person: Person) -> None:
    for worker in Worker.objects.filter(pk__in=person.workers):
        erasing.erase(worker)


HELD = [
    Held(Worker, "worker", _workers, _forget),  # with groups, invitations and traces
    Held(Worker.groups.through, "groups", _groups, _forget),
    Held(Invitation, "invitations", _invitations, _forget),
    Held(Qualification, "qualifications", _qualifications),
    Held(Trace, "traces", _traces, _forget),
    Held(Link, "links", _links),
    Held(Restriction, "restrictions", _restrictions),
]
