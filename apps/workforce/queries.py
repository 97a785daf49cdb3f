"""Questions about workers."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.members.models import User
from apps.workforce.models import Restriction, Worker


def identities(user: User) -> QuerySet[Worker]:
    """Return the workers that this user is, one for each organization and channel."""
    return Worker.objects.filter(user=user).select_related("organization")


def restrictions_in_force(worker: Worker, *, scope: str) -> QuerySet[Restriction]:
    """Return what stops `worker` now, in `scope` or in the whole organization."""
    now = clock.now()
    return worker.restrictions.filter(scope__in=["", scope], starts_at__lte=now).filter(
        Q(ends_at=None) | Q(ends_at__gt=now)
    )


def missing_qualifications(worker: Worker, names: Iterable[str]) -> list[str]:
    """Return which of these qualifications the worker was not granted, in the order given."""
    granted = set(worker.qualifications.values_list("name", flat=True))
    return [name for name in names if name not in granted]
