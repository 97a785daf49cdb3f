"""Writing the trail: one line for each decision, in the transaction of what was decided."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.members.models import Organization, Trail, User


def record(
    organization: Organization, *, verb: str, subject: str, actor: User | None = None, reason: str = "", **data: Any
) -> Trail:
    """Record a decision about `subject` (an opaque key, as in "assignment:…"); no actor means a rule decided."""
    row = line(organization.pk, verb=verb, subject=subject, actor=actor, reason=reason, **data)
    row.save()
    return row


def line(
    organization: UUID, *, verb: str, subject: str, actor: User | None = None, reason: str = "", **data: Any
) -> Trail:
    """Return a line as `record` writes it, for `record_each`."""
    return Trail(organization_id=organization, actor=actor, verb=verb, subject=subject, reason=reason, data=data)


def record_each(lines: Iterable[Trail]) -> None:
    """Record many decisions at once."""
    Trail.objects.bulk_create(lines)
