"""Organizations, their members, and the tokens by which machines act for those."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.core import clock, vault
from apps.members import trail
from apps.members.models import KeptAnswer, Membership, Organization, Role, Scope, Token, User
from apps.members.queries import digest

LONGEST_DAYS = 366  # so that a forgotten token ends by itself
USE_NOTED_EVERY = timedelta(minutes=1)  # a write for every request would cost more than the request

ANSWERS_KEPT = timedelta(hours=48)  # a client that repeats a request does so within a day


class BadToken(ValueError):
    """A token can't be made like that; the text says why."""


def found(name: str, *, slug: str) -> Organization:
    """Found an organization, or return the one that has this slug already."""
    return Organization.objects.get_or_create(slug=slug, defaults={"name": name})[0]


@transaction.atomic
def describe(
    organization: Organization, *, name: str | None = None, contact: str | None = None, by: User
) -> Organization:
    """Change what an organization is called or whom its workers may ask, as far as it is given."""
    given = {key: value for key, value in {"name": name, "contact": contact}.items() if value is not None}
    if given:
        Organization.objects.filter(pk=organization.pk).update(**given)
        subject = f"organization:{organization.pk}"
        trail.record(organization, verb="describe organization", subject=subject, actor=by, **given)
        organization.refresh_from_db()
    return organization


@transaction.atomic
def enrol(user: User, *, organization: Organization, role: Role, by: User | None = None) -> Membership:
    """Give `user` a role in the organization, and with it the admin's door. Run twice, it gives it once."""
    _lock(user.pk)
    membership, new = Membership.objects.get_or_create(organization=organization, user=user, role=role)
    if new:
        trail.record(organization, verb="enrol", subject=f"user:{user.pk}", actor=by, role=str(role))
    User.objects.filter(pk=user.pk, is_staff=False).update(is_staff=True)
    user.is_staff = True
    return membership


@transaction.atomic
def dismiss(membership: Membership, *, by: User) -> None:
    """Take a role away; who has none left anywhere loses the admin's door. Run twice, it is taken away once."""
    _lock(membership.user_id)
    gone, _ = Membership.objects.filter(pk=membership.pk).delete()
    if not gone:
        return
    trail.record(
        membership.organization,
        verb="dismiss",
        subject=f"user:{membership.user_id}",
        actor=by,
        role=membership.role,
    )
    User.objects.filter(pk=membership.user_id, memberships=None, is_superuser=False).update(is_staff=False)


@transaction.atomic
def make_token(
    organization: Organization,
    *,
    name: str,
    scopes: Iterable[str],
    days: int,
    user: User | None = None,
    worker: UUID | None = None,
    by: User | None = None,
) -> tuple[Token, str]:
    """Make a token of a member or of a worker; return it with its secret, which nobody can look up again.

    Raises `BadToken` where a name, a scope or an end in at most a year is missing, and where a member's token would
    decide as another than who makes it: one person would be the two that money asks for.
    """
    wanted = sorted(set(scopes))
    if not name.strip():
        raise BadToken("a token needs a name: what it is for")
    if not wanted or not set(wanted) <= set(Scope.values):
        raise BadToken(f"the scopes are {wanted}, they should be some of {Scope.values}")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadToken(f"the token would end in {days} days, it should be from 1 to {LONGEST_DAYS}")
    if by is not None and user is not None and user != by and (theirs := {Scope.WRITE, Scope.MONEY} & set(wanted)):
        raise BadToken(
            f"the scopes of another's token are {wanted}: {', '.join(sorted(theirs))} would sign as them, so it should "
            "be for read or work, or act as whoever makes it"
        )
    if (user is None) == (worker is None):
        raise BadToken("a token is either a member's or a worker's")
    if worker is not None and wanted != [Scope.WORK]:
        raise BadToken(f"the scopes of a worker's token are {wanted}, they should be {[Scope.WORK.value]}")
    secret = f"lc_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        organization=organization,
        user=user,
        worker=worker,
        name=name.strip(),
        begins=secret[:9],
        digest=digest(secret),
        scopes=wanted,
        made_by=by,
        expires_at=clock.now() + timedelta(days=days),
    )
    trail.record(
        organization, verb="make token", subject=f"token:{token.pk}", actor=by, reason=token.name,
        scopes=wanted, user=str(user.pk) if user else "", worker=str(worker or ""),
        expires_at=token.expires_at.isoformat(),
    )  # fmt: skip
    return token, secret


@transaction.atomic
def revoke(token: Token, *, by: User | None = None) -> None:
    """Let nobody in by this token any more. Run twice, it is revoked once."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        trail.record(token.organization, verb="revoke token", subject=f"token:{token.pk}", actor=by, reason=token.name)


def revoke_of_worker(worker: UUID, *, user: UUID | None, organization: UUID) -> None:
    """Let nobody in as this worker any more, nor by what they made for themselves to work there."""
    own = Q(user=user, organization=organization, scopes=[Scope.WORK]) if user else Q(pk__in=())
    Token.objects.filter(Q(worker=worker) | own, revoked_at=None).update(revoked_at=clock.now())


def note_use(token: UUID) -> None:
    """Note that a token was used now, at most once a minute."""
    now = clock.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    Token.objects.filter(stale, pk=token).update(last_used_at=now)


def keep_answer(
    token: UUID, *, key: str, digest: str, status: int, headers: Mapping[str, str], body: str, seals: bool = False
) -> KeptAnswer:
    """Keep what a request with this Idempotency-Key was answered, in the transaction of what it did.

    `seals`: it shows a secret, which lies readable nowhere.
    """
    kept = vault.seal(body) if seals else body
    return KeptAnswer.objects.create(
        token_id=token, key=key, digest=digest, status=status, headers=dict(headers), body=kept, sealed=seals
    )


def forget_answers() -> int:
    """Forget the answers that were kept long enough; return how many those were."""
    return KeptAnswer.objects.filter(answered_at__lt=clock.now() - ANSWERS_KEPT).delete()[0]


def _lock(user: UUID) -> None:
    """Have a person's roles change one at a time: the door depends on all of them."""
    User.objects.select_for_update(no_key=True).get(pk=user)
