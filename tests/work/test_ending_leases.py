"""Leases that end together end in one order of locks, so that nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import F

from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db


def test_both_pages_in_hand_whose_time_is_over_are_ended_when_the_worker_comes_back():
    campaign = running(items=20, page_size=5, price=10, lease_seconds=60)
    worker = worker_of(campaign)
    first = work.lease(campaign, worker=worker)
    ahead = work.lease(campaign, worker=worker, after=first.pk)

    with time_machine.travel(ahead.expires_at + timedelta(seconds=1)):
        fresh = work.lease(campaign, worker=worker)

    assert set(Assignment.objects.filter(pk__in=[first.pk, ahead.pk]).values_list("state", "held")) == {("expired", 0)}
    assert Budget.objects.get().held == fresh.held == 10
    assert sum(Task.objects.values_list("taken", flat=True)) == 5


@pytest.mark.django_db(transaction=True)
def test_workers_who_come_back_to_two_overdue_pages_each_do_not_block_one_another():
    campaign = running(items=40, page_size=2, redundancy=2, price=10, lease_seconds=30)
    workers = [worker_of(campaign) for _ in range(8)]

    def come_back(worker) -> None:
        try:
            for _ in range(6):
                page = work.lease(campaign, worker=worker)
                work.lease(campaign, worker=worker, after=page.pk)
                Assignment.objects.filter(worker=worker, state="leased").update(expires_at=F("leased_at"))
                page = work.lease(campaign, worker=worker)
                work.submit(page.pk, worker=worker, answers=answered(page))
        except NoWork:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_back, workers))  # a deadlock would end one of them with an error

    held = sum(Assignment.objects.filter(state__in=["leased", "submitted"]).values_list("held", flat=True))
    assert Budget.objects.get().held == held
