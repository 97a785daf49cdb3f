"""Taking workers in, and stopping them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.members import trail
from apps.members.models import Organization, User
from apps.workforce.models import Channel, Group, Qualification, Restriction, Skill, Worker


class TakenName(Conflicting, ValueError):
    """Something else is called so; the text says what."""


class BadRestriction(ValueError):
    """A worker can't be stopped like that; the text says why."""


def pseudonym(organization: Organization, user: User) -> str:
    """Return what a person with a log-in is called where no channel names them: always the same, and no address."""
    return f"p-{hashlib.sha256(f'{organization.pk}:{user.pk}'.encode()).hexdigest()[:16]}"


@transaction.atomic
def register(
    organization: Organization,
    *,
    external_id: str,
    user: User | None = None,
    channel: str = Channel.INTERNAL,
    name: str = "",
    languages: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> Worker:
    """Register a worker of a channel, or return the one known under this external id."""
    worker, new = Worker.objects.get_or_create(
        organization=organization,
        channel=channel,
        external_id=external_id,
        defaults={"user": user, "name": name, "languages": list(languages)},
    )
    if new:
        worker.groups.set(Group.objects.get_or_create(organization=organization, name=group)[0] for group in groups)
    return worker


@transaction.atomic
def restrict(
    worker: Worker, *, reason: str, scope: str = "", ends_at: datetime | None = None, by: User | None = None
) -> Restriction:
    """Stop a worker in `scope` ("campaign:…"), or in the whole organization, until `ends_at` or until lifted.

    Raises `BadRestriction` without a reason, which the worker is told, or with an end that is over.
    """
    if not reason.strip():
        raise BadRestriction("a restriction needs a written reason: the worker is told it")
    if ends_at is not None and ends_at <= clock.now():
        raise BadRestriction(f"the restriction would end at {ends_at:%Y-%m-%d %H:%M} UTC, which is over")
    restriction = Restriction.objects.create(worker=worker, scope=scope, reason=reason, ends_at=ends_at)
    trail.record(
        worker.organization, verb="restrict", subject=f"worker:{worker.pk}", actor=by, reason=reason, scope=scope,
        ends_at=ends_at.isoformat() if ends_at else None,
    )  # fmt: skip
    return restriction


@transaction.atomic
def lift(restriction: Restriction, *, by: User) -> None:
    """End a restriction now. Run twice, it ends once."""
    now = clock.now()
    open_still = Restriction.objects.filter(pk=restriction.pk).exclude(ends_at__lte=now)
    if open_still.update(ends_at=max(now, restriction.starts_at)):
        worker = restriction.worker
        trail.record(worker.organization, verb="lift", subject=f"worker:{worker.pk}", actor=by, scope=restriction.scope)


def grant(worker: Worker, *, name: str, value: int = 1) -> Qualification:
    """Grant a qualification, or change its value."""
    return Qualification.objects.update_or_create(worker=worker, name=name, defaults={"value": value})[0]


def revoke(worker: Worker, *, name: str) -> bool:
    """Take a qualification away; return whether there was one."""
    return Qualification.objects.filter(worker=worker, name=name).delete()[0] > 0


def take_away(qualification: Qualification) -> None:
    """Take a qualification away. Run twice, it is taken away once."""
    Qualification.objects.filter(pk=qualification.pk).delete()


@transaction.atomic
def describe(
    worker: Worker,
    *,
    name: str | None = None,
    languages: Iterable[str] | None = None,
    groups: Iterable[str] | None = None,
) -> Worker:
    """Change what is said of a worker, as far as it is given; groups are made where there are none of these names."""
    given: dict[str, object] = {}
    if name is not None:
        given["name"] = name
    if languages is not None:
        given["languages"] = list(languages)
    if given:
        Worker.objects.filter(pk=worker.pk).update(**given)
    if groups is not None:
        of = worker.organization
        worker.groups.set(Group.objects.get_or_create(organization=of, name=group)[0] for group in groups)
    return Worker.objects.prefetch_related("groups").get(pk=worker.pk)


def make_group(organization: Organization, *, name: str) -> Group:
    """Make a group of workers, or return the one of this name."""
    return Group.objects.get_or_create(organization=organization, name=name)[0]


def rename_group(group: Group, *, name: str) -> Group:
    """Call a group otherwise; raise `TakenName` where another one is called so."""
    taken = Group.objects.filter(organization=group.organization_id, name=name).exclude(pk=group.pk)
    if taken.exists():
        said = f"there is a group {name!r} already"
        raise TakenName(said, field="name", found=name, wanted="a name that no group has")
    Group.objects.filter(pk=group.pk).update(name=name)
    group.name = name
    return group


def drop_group(group: Group) -> None:
    """Take a group away; its workers stay. Run twice, it is taken away once."""
    Group.objects.filter(pk=group.pk).delete()


def estimate(skills: Iterable[Skill]) -> None:
    """Keep these estimates in place of earlier ones of the same workers and scopes."""
    Skill.objects.bulk_create(
        skills,
        update_conflicts=True,
        unique_fields=["worker", "scope"],
        update_fields=[
            "mean", "low", "high", "gold_right", "gold_answers", "agreed", "compared", "weight",
            "estimated_at",
        ],
    )  # fmt: skip


def speak(user: User, *, languages: Iterable[str]) -> None:
    """Keep which languages a person speaks, with all of their identities."""
    Worker.objects.filter(user=user).update(languages=sorted(set(languages)))
