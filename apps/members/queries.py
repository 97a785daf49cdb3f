"""Questions about who may act for whom."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.members.models import KeptAnswer, Organization, Role, Scope, Token, User


@dataclass(frozen=True)
class Bearer:
    """Who shows a token: a member with roles in the token's organization, or a worker of it.

    Args: made_by: who made it; nobody by the site, None is the operator's shell.
    """

    token: UUID
    organization: UUID
    user: UUID | None
    worker: UUID | None
    scopes: frozenset[str]
    roles: frozenset[str]
    last_used_at: datetime | None
    made_by: UUID | None = None

    @property
    def is_own(self) -> bool:
        """Whether the person as whom it acts made it, or was given it by the operator.

        Somebody else's acts for them in its organization, and reaches nothing that is the person's own.
        """
        return self.made_by is None or self.made_by == self.user


def digest(secret: str) -> str:
    """Return what is kept of a token: it has 256 random bits, so a plain hash can't be turned round."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def bearer(secret: str) -> Bearer | None:
    """Return who shows this token, None if it is none, has ended, was revoked, or its user is no longer active.

    One that was made for somebody else lets in as long as who made it may make such: while they are an admin there.
    One statement, by one unique index: it is asked for every request of every machine.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, t.organization_id, t.user_id, t.worker, t.scopes, t.last_used_at,
                   ARRAY(SELECT m.role FROM members_membership m
                         WHERE m.user_id = t.user_id AND m.organization_id = t.organization_id),
                   t.made_by_id
            FROM members_token t LEFT JOIN members_user u ON u.id = t.user_id
            WHERE t.digest = %s AND t.revoked_at IS NULL AND t.expires_at > statement_timestamp()
              AND u.is_active IS NOT FALSE
              AND (t.made_by_id IS NULL OR t.made_by_id = t.user_id OR EXISTS (
                  SELECT 1 FROM members_membership a JOIN members_user b ON b.id = a.user_id
                  WHERE a.user_id = t.made_by_id AND a.organization_id = t.organization_id AND a.role = %s
                    AND b.is_active))
            """,
            [digest(secret), Role.ADMIN],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    token, organization, user, worker, scopes, used, own, made_by = found
    return Bearer(token, organization, user, worker, frozenset(scopes), frozenset(own), used, made_by)


def work_tokens(user: User, *, workers: Iterable[UUID]) -> QuerySet[Token]:
    """Return the tokens that only work, as this person or one of the workers they are, whoever made them."""
    acting = Token.objects.filter(Q(user=user) | Q(worker__in=list(workers)), scopes=[Scope.WORK])
    return acting.select_related("organization")


def organizations(user: User) -> QuerySet[Organization]:
    """Return the organizations of which `user` is a member, in any role."""
    return Organization.objects.filter(memberships__user=user).distinct()


def roles(user: User, organization: Organization) -> frozenset[str]:
    """Return the roles of `user` in `organization`."""
    return frozenset(organization.memberships.filter(user=user).values_list("role", flat=True))


def with_role(user: User, *allowed: Role) -> QuerySet[Organization]:
    """Return the organizations in which `user` has one of the roles; an admin has them all."""
    return Organization.objects.filter(memberships__user=user, memberships__role__in=[*allowed, Role.ADMIN]).distinct()


def addresses(organizations: Any, *allowed: Role, but: UUID | None = None) -> list[str]:
    """Return where to write to who has one of the roles in these organizations, given by ids or a subquery of them.

    Not to the user whose id is `but`.
    """
    told = User.objects.filter(
        is_active=True, memberships__organization__in=organizations, memberships__role__in=allowed
    )
    told = told.exclude(pk=but) if but is not None else told
    return sorted(set(told.values_list("email", flat=True)))


def kept_answer(token: UUID, *, key: str) -> KeptAnswer | None:
    """Return what a request by this token with this Idempotency-Key was answered, None if there was none."""
    return KeptAnswer.objects.filter(token=token, key=key).first()
