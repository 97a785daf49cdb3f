"""Who may see what a page shows."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from apps.members.models import User
from apps.work.models import Assignment
from apps.work.services.late import may_come

OPEN_TO_HOLDERS = frozenset({Assignment.State.LEASED, Assignment.State.SUBMITTED})


def may_see(page_id: UUID, *, user: User | AnonymousUser) -> bool:
    """Return whether somebody who holds a page's address may see it: its worker; without a session, while it is open.

    A frame of a market and a worker's program have no session, and a program may hand in late.
    """
    page = Assignment.objects.select_related("worker", "campaign").filter(pk=page_id).first()
    if page is None:
        return False
    if page.worker.user_id and user.is_authenticated:
        return page.worker.user_id == user.pk
    return page.state in OPEN_TO_HOLDERS or may_come(page, worker=page.worker)


def is_in_hand(page_id: UUID) -> bool:
    """Return whether a page is being worked on, or its time is over and it may still be handed in."""
    page = Assignment.objects.select_related("worker", "campaign").filter(pk=page_id).first()
    return page is not None and (page.state == Assignment.State.LEASED or may_come(page, worker=page.worker))
