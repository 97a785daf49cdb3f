"""The trail: one line for each decision, in the transaction of what was decided; and whom a line tells why."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, QuerySet, When

from apps.members.models import Organization, Trail, User

# What a line may be about whose words may hold what is in a task, or was answered.
OF_TASKS = ("assignment", "task", "gold", "dataset")
# Of workers, what is of their pay or account has words for finance; why one is restricted may quote an answer.
OF_PAY = (
    "bonus", "adjustment", "set payout method", "forget payout method", "keep for tax report", "erase",
    "accept invitation",
)  # fmt: skip

_through: ContextVar[dict[str, str]] = ContextVar("through", default={})  # noqa: B039 - nobody changes it


@contextmanager
def through(*, token: UUID, made_by: UUID) -> Iterator[None]:
    """Have each line that is written meanwhile say by which token it was done, and who had made that for another."""
    before = _through.set({"token": str(token), "token_made_by": str(made_by)})
    try:
        yield
    finally:
        _through.reset(before)


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
    told = {**data, **_through.get()}
    return Trail(organization_id=organization, actor=actor, verb=verb, subject=subject, reason=reason, data=told)


def record_each(lines: Iterable[Trail]) -> None:
    """Record many decisions at once."""
    Trail.objects.bulk_create(lines)


def telling(rows: QuerySet[Trail], *, seers_of: Iterable[UUID]) -> QuerySet[Any]:
    """Return lines with whether each `tells` its reason and data to somebody who may see the tasks of `seers_of`.

    Where a reason may tell what is in a task, it is for nobody else.
    """
    of_tasks = reduce(or_, (Q(subject__startswith=f"{kind}:") for kind in OF_TASKS))
    of_tasks |= Q(subject__startswith="worker:") & ~Q(verb__in=OF_PAY) | Q(verb="notify")
    theirs = Q(organization__in=list(seers_of))
    return rows.annotate(tells=Case(When(theirs | ~of_tasks, then=True), default=False, output_field=BooleanField()))
