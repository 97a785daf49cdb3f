"""Who waits for a task holds no budget: whoever has the task will want the budget, and both would wait for ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.channels import services as channels
from apps.channels.base import Submission
from apps.channels.models import Claim, Publication
from apps.core import clock
from apps.ledger.models import Budget
from apps.pipeline import outside
from apps.work.models import Assignment, Task
from tests.channels.market import launched

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20  # seconds


@pytest.fixture
def offer(market):
    """Return an offer of slots of two questions each, of many."""
    launched(items=18, page_size=2, redundancy=1, price=10)
    return Publication.objects.get()


def claimed(offer, slot, worker):
    return channels.claim(offer.pk, assignment=slot, worker=worker)


def saved(claim):
    tokens = claim.page.places.values_list("token", flat=True)
    return channels.save(claim.pk, answers={token.hex: {"answer": "cat"} for token in tokens})


def asked_on(claim):
    """Return a task of a claim's page, whatever became of it."""
    return claim.page.places.order_by("task").values_list("task", flat=True).first()


def overdue(claim):
    Assignment.objects.filter(pk=claim.page_id).update(expires_at=clock.now() - timedelta(seconds=1))


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def alone(do):
    """Do it with a connection of its own."""
    try:
        do()
    finally:
        connection.close()


def waits_without_the_budget(do, *, task, offer):
    """Hold a task as one does who hands in; begin it, and once it waits for the task, ask for the budget."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Task.objects.select_for_update(no_key=True).get(pk=task)
            done = pool.submit(alone, do)
            until = time.monotonic() + PATIENCE
            while not is_waiting():
                assert not done.done(), "it ended without waiting for the task"
                assert time.monotonic() < until, "it never waited for the task"
                time.sleep(0.02)
            held = Budget.objects.filter(owner=offer.campaign.key).select_for_update(no_key=True, skip_locked=True)
            is_free = held.exists()
        done.result(PATIENCE)
    return is_free


def check(offer):
    """What is held is what offers and their pages hold, and no task is taken by who is not there."""
    offer.refresh_from_db()
    live = Assignment.objects.filter(claim__publication=offer, state__in=["leased", "submitted"])
    assert Budget.objects.get(owner=offer.campaign.key).held == offer.held + sum(live.values_list("held", flat=True))


def test_what_the_market_lists_of_a_slot_that_others_had_is_taken_in(offer):
    first = saved(claimed(offer, "SLOT", "WORKERA"))
    task = asked_on(first)
    others = (claimed(offer, "SLOT", f"OTHER{n}") for n in range(20))
    next(one for one in others if not one.page.places.filter(task=task).exists())
    listed = Submission("SLOT", "WORKERA", offer.name, "submitted", {}, clock.now())

    assert waits_without_the_budget(lambda: outside._take_in(offer, listed), task=task, offer=offer)

    assert list(Claim.objects.exclude(state="lapsed").values_list("worker__external_id")) == [("WORKERA",)]
    assert Claim.objects.get(state="confirmed").page.state == "submitted"
    check(offer)


def test_what_the_market_does_not_list_is_given_back(offer):
    rows = [claimed(offer, f"SLOT{n}", f"WORKER{n}") for n in range(3)]
    later = clock.now() + timedelta(days=2)

    def discard():
        assert channels.discard_lapsed(offer, read_at=later, is_over=True) == 3

    assert waits_without_the_budget(discard, task=asked_on(rows[1]), offer=offer)

    assert set(Claim.objects.values_list("state", flat=True)) == {"lapsed"}
    check(offer)


def test_a_slot_that_somebody_had_is_taken_by_whose_other_page_is_overdue(offer):
    own, others = claimed(offer, "SLOT1", "WORKERA"), claimed(offer, "SLOT2", "WORKERB")
    overdue(own)

    assert waits_without_the_budget(lambda: claimed(offer, "SLOT2", "WORKERA"), task=asked_on(own), offer=offer)

    live = Assignment.objects.filter(state="leased")
    assert list(live.values_list("claim__assignment", "worker__external_id")) == [("SLOT2", "WORKERA")]
    others.refresh_from_db()
    assert others.state == "lapsed"
    check(offer)
