"""Leases that end without answers: given back, expired; or that get more time."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.ledger import services as ledger
from apps.work.errors import LeaseEnded, NotYours
from apps.work.models import Assignment, Place
from apps.work.services.counting import recount
from apps.workforce.models import Worker

MOST_EXTENSIONS = 10  # W3C's success criterion 2.2.1: a limit can be made at least ten times longer


@transaction.atomic
def give_back(assignment_id: UUID, *, worker: Worker) -> Assignment:
    """Give a page back, with no harm to the worker; its tasks go to others. Run twice, it is given back once."""
    page = _locked(assignment_id, worker)
    if page.state == Assignment.State.LEASED:
        _let_go(page, Assignment.State.RETURNED)
    return page


@transaction.atomic
def expire(assignment: Assignment) -> bool:
    """End a lease whose time is over; return whether it is ended. One that is just being handed in is left alone."""
    page = Assignment.objects.select_for_update(skip_locked=True).filter(pk=assignment.pk).first()
    if page is None:
        return False
    if page.state == Assignment.State.LEASED and page.expires_at <= clock.now():
        _let_go(page, Assignment.State.EXPIRED)
    return page.state != Assignment.State.LEASED


@transaction.atomic
def extend(assignment_id: UUID, *, worker: Worker) -> Assignment:
    """Give the worker the campaign's lease time again, from now; ten times its length in all at most."""
    page = _locked(assignment_id, worker)
    if page.state != Assignment.State.LEASED:
        raise LeaseEnded("this page is no longer in your hands, so it can't get more time")
    lease = timedelta(seconds=page.campaign.lease_seconds)
    ends = min(clock.now() + lease, page.leased_at + MOST_EXTENSIONS * lease)
    if ends > page.expires_at:
        page.expires_at = ends
        page.save(update_fields=["expires_at"])
    return page


def _locked(assignment_id: UUID, worker: Worker) -> Assignment:
    page = Assignment.objects.select_for_update(no_key=True).filter(pk=assignment_id, worker=worker).first()
    if page is None:
        raise NotYours
    return page


def _let_go(page: Assignment, to: Assignment.State) -> None:
    tasks = list(page.places.filter(state=Place.State.OPEN).values_list("task_id", flat=True))
    page.places.filter(state=Place.State.OPEN).update(state=Place.State.RELEASED)
    held = page.held
    page.move(to, held=0)
    recount(tasks, broken_after=page.campaign.broken_after)
    ledger.release(page.campaign.key, amount=held)
