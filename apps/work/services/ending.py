"""The time of a lease: when it starts, that it can be made longer, and how it ends without answers."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import clock
from apps.ledger import services as ledger
from apps.work.errors import LeaseEnded, NotYours
from apps.work.models import Assignment, Place
from apps.work.services.counting import recount
from apps.workforce.models import Worker

MOST_EXTENSIONS = 10  # W3C's success criterion 2.2.1: a limit can be made at least ten times longer


@transaction.atomic
def show(assignment_id: UUID, *, worker: Worker, seconds_ago: float = 0) -> Assignment:
    """Start the clock of a page that was fetched ahead, now that it is shown. Run twice, it starts once.

    Where there was no connection it was shown so many `seconds_ago`: the browser's word, believed up to the lease.
    """
    page = locked(assignment_id, worker)
    return start_clock(page, seconds_ago=seconds_ago) if page.state == Assignment.State.LEASED else page


def start_clock(page: Assignment, *, seconds_ago: float = 0) -> Assignment:
    """Give a page in hand the campaign's lease time from now on, unless its time runs already.

    What was worked on it before, seconds ago, counts as work on it: pay by the hour and what is too fast go by that.
    """
    if page.shown_at is None:
        now = clock.now()
        in_hand = max((now - page.leased_at).total_seconds(), 0.0)
        began = now - timedelta(seconds=min(max(seconds_ago, 0.0), in_hand))
        ends = now + timedelta(seconds=page.campaign.lease_seconds)
        shown = Assignment.objects.filter(pk=page.pk, state=Assignment.State.LEASED, shown_at=None)
        # One that is just being handed in is left alone: the hand-in waits for the seat that a lease holds.
        free = shown.select_for_update(skip_locked=True, no_key=True).values("pk")
        if shown.filter(pk__in=free).update(shown_at=began, expires_at=ends):
            page.shown_at, page.expires_at = began, ends
    return page


@transaction.atomic
def give_back(assignment_id: UUID, *, worker: Worker) -> Assignment:
    """Give a page back, with no harm to the worker; its tasks go to others. Run twice, it is given back once."""
    page = locked(assignment_id, worker)
    if page.state == Assignment.State.LEASED:
        _let_go([page], Assignment.State.RETURNED)
    return page


@transaction.atomic
def release_unshown(assignment_id: UUID, *, worker: Worker) -> Assignment:
    """Give a page back that was fetched ahead, unless it was shown meanwhile. Run twice, it is given back once."""
    page = locked(assignment_id, worker)
    if page.state == Assignment.State.LEASED and page.shown_at is None:
        _let_go([page], Assignment.State.RETURNED)
    return page


@transaction.atomic
def expire(assignment: Assignment) -> bool:
    """End a lease whose time is over; return whether it is ended. One that is just being handed in is left alone."""
    return assignment.pk in end_overdue([assignment.pk])


@transaction.atomic
def end_overdue(pages: Iterable[UUID]) -> set[UUID]:
    """End those of one campaign's leases whose time is over; return which of them are ended, now or before."""
    found = list(Assignment.objects.select_for_update(skip_locked=True).filter(pk__in=list(pages)).order_by("pk"))
    now = clock.now()
    over = [page for page in found if page.state == Assignment.State.LEASED and page.expires_at <= now]
    if over:
        _let_go(over, Assignment.State.EXPIRED)
    return {page.pk for page in found if page.state != Assignment.State.LEASED}


@transaction.atomic
def extend(assignment_id: UUID, *, worker: Worker) -> Assignment:
    """Give the worker the campaign's lease time again, from now; ten times its length in all at most.

    The page fetched ahead is held so much longer, too.
    """
    page = locked(assignment_id, worker)
    if page.state != Assignment.State.LEASED:
        raise LeaseEnded(_("this page is no longer in your hands, so it can't get more time"))
    lease = timedelta(seconds=page.campaign.lease_seconds)
    ends = min(clock.now() + lease, longest(page))
    if ends > page.expires_at:
        page.expires_at = ends
        page.save(update_fields=["expires_at"])
        ahead = Assignment.objects.filter(campaign=page.campaign_id, worker=worker, state=Assignment.State.LEASED)
        ahead.filter(shown_at=None, expires_at__lt=ends + lease).exclude(pk=page.pk).update(expires_at=ends + lease)
    return page


def longest(page: Assignment) -> datetime:
    """Return till when a page can be extended at most."""
    return page.started_at + MOST_EXTENSIONS * timedelta(seconds=page.campaign.lease_seconds)


def locked(assignment_id: UUID, worker: Worker) -> Assignment:
    """Return a worker's page, locked; raise `NotYours`."""
    page = Assignment.objects.select_for_update(no_key=True).filter(pk=assignment_id, worker=worker).first()
    if page is None:
        raise NotYours
    return page


def _let_go(pages: list[Assignment], to: Assignment.State) -> None:
    """Give back the tasks and the money of pages of one campaign: of all at once, for the budget is locked last."""
    places = Place.objects.filter(assignment__in=pages, state=Place.State.OPEN)
    tasks = list(places.values_list("task_id", flat=True))
    places.update(state=Place.State.RELEASED)
    held = sum(page.held for page in pages)
    for page in pages:
        page.move(to, held=0)
    campaign = pages[0].campaign
    recount(tasks, broken_after=campaign.broken_after)
    ledger.release(campaign.key, amount=held)
