"""Writing the trail: one line for each decision, in the transaction of what was decided."""

from typing import Any

from apps.members.models import Organization, Trail, User


def record(
    organization: Organization, *, verb: str, subject: str, actor: User | None = None, reason: str = "", **data: Any
) -> Trail:
    """Record a decision about `subject` (an opaque key, as in "assignment:…"); no actor means a rule decided."""
    return Trail.objects.create(
        organization=organization, actor=actor, verb=verb, subject=subject, reason=reason, data=data
    )
