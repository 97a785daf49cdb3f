"""Access keys: made, shown once, revoked."""

import base64
import secrets
from uuid import UUID

from django.db import transaction

from apps.core import clock, vault
from apps.members import queries as members
from apps.members import trail
from apps.members.models import Organization, Role, User
from apps.turkapi.models import AccessKey


class NotARequester(ValueError):
    """A key acts in the name of a requester of its organization; this user is none."""


@transaction.atomic
def make(
    organization: Organization, *, user: User, note: str = "", by: User | None = None, token: UUID | None = None
) -> tuple[AccessKey, str]:
    """Make an access key in the name of `user`; return it with its secret, which nobody can look up again.

    One that a machine made by its token ends with that token.
    Raises `NotARequester` unless the user is a requester or an admin of the organization.
    """
    if not members.roles(user, organization) & {Role.REQUESTER, Role.ADMIN}:
        raise NotARequester(f"{user.email} is not a requester of {organization}")
    pk = "LCIA" + base64.b32encode(secrets.token_bytes(10)).decode()
    secret = secrets.token_urlsafe(30)
    key = AccessKey.objects.create(
        id=pk, organization=organization, user=user, note=note, token_id=token, secret=vault.seal(secret)
    )
    trail.record(organization, verb="make key", subject=f"key:{pk}", actor=by, user=str(user.pk))
    return key, secret


@transaction.atomic
def revoke(key: AccessKey, *, by: User | None = None) -> None:
    """Have a key open nothing from now on. Run twice, it is revoked once."""
    if AccessKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        trail.record(key.organization, verb="revoke key", subject=f"key:{key.pk}", actor=by)
