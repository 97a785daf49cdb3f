"""Questions about workers."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.core.statements import rows
from apps.members.models import Organization, User
from apps.workforce.models import Channel, Link, Restriction, Worker


def identities(user: User) -> QuerySet[Worker]:
    """Return the workers that this user is, one for each organization and channel."""
    return Worker.objects.filter(user=user).select_related("organization")


def worker_of(organization: UUID, *, channel: str, user: UUID | None, worker: UUID | None) -> Worker | None:
    """Return the organization's worker of this id, or without one that as whom a user works on the channel."""
    if worker is not None:
        found = rows(Worker, "WHERE t.id = %s AND t.organization_id = %s", [worker, organization])
    else:
        own = "WHERE t.user_id = %s AND t.channel = %s AND t.organization_id = %s ORDER BY t.created_at LIMIT 1"
        found = rows(Worker, own, [user, channel, organization])
    return found[0] if found else None


# Of a restriction `t`: that it stops its worker now, in `scope` or in the whole organization.
IN_FORCE = "t.scope IN ('', %(scope)s) AND t.starts_at <= %(now)s AND (t.ends_at IS NULL OR t.ends_at > %(now)s)"


def restrictions_in_force(worker: Worker, *, scope: str) -> QuerySet[Restriction]:
    """Return what stops `worker` now, in `scope` or in the whole organization."""
    return stops(worker, scopes=[scope])


def stops(worker: Worker, *, scopes: Iterable[str]) -> QuerySet[Restriction]:
    """Return what stops `worker` now, in some of these scopes or in the whole organization."""
    now = clock.now()
    in_scope = worker.restrictions.filter(scope__in=["", *scopes], starts_at__lte=now)
    return in_scope.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def linked(worker: Worker) -> list[UUID]:
    """Return the other accounts that may be this person's: what they judged, this one should not."""
    open_links = Link.objects.filter(Q(first=worker) | Q(second=worker), cleared_at=None)
    return [second if first == worker.pk else first for first, second in open_links.values_list("first", "second")]


def own_organizations(user: User) -> QuerySet[Organization]:
    """Return the organizations for which this person works by our own pages."""
    own = Worker.objects.filter(user=user, channel=Channel.INTERNAL)
    return Organization.objects.filter(pk__in=own.values("organization"))
