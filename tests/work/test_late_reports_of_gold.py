"""Who reports gold as broken on a page that comes late locks it with the other questions, before the budget."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.models import Assignment, Task
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def late(campaign):
    """Return a slot's page whose lease ended, and its answers, by which all of its gold is reported."""
    page = work.lease(campaign, worker=worker_of(campaign))
    answers = answered(page, on_gold="reported")
    answers |= {token: {"broken": "x"} for token, given in answers.items() if given["answer"] == "reported"}
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    page.refresh_from_db()
    assert work.expire(page)
    ledger.hold(campaign.key, amount=page.price)  # as its slot holds
    return page, answers


def waits(run):
    """Return once somebody waits for a lock of this connection's, or `run` is over."""
    while not run.done():
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return


def apart(do, *args, **kwargs):
    try:
        return do(*args, **kwargs)
    finally:
        connection.close()


def test_who_waits_for_gold_that_they_report_has_neither_the_budget_nor_any_question_after_it():
    campaign = running(items=4, gold=2, page_size=4, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = late(campaign)
    gold = Task.objects.filter(gold=True, places__assignment=page).order_by("pk").first()
    after = Task.objects.filter(gold=False, places__assignment=page, pk__gt=gold.pk)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Task.objects.select_for_update(no_key=True).get(pk=gold.pk)
            run = pool.submit(apart, work.hand_in_late, page.pk, worker=page.worker, answers=answers, held=page.price)
            waits(run)

            assert not run.done()
            assert Budget.objects.select_for_update(nowait=True, no_key=True).get(owner=campaign.key)
            assert list(after.select_for_update(nowait=True, no_key=True))

        assert run.result().state == "submitted"
    assert set(page.places.filter(task__gold=True).values_list("state", flat=True)) == {"broken"}


def test_what_is_no_question_of_the_page_is_left_out_of_a_late_one_whatever_it_is_called():
    campaign = running(items=4, gold=2, page_size=4, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = late(campaign)
    strange = {name: {"broken": "x"} for name in ("a\x00", "\ud800", "", "0" * 32)}

    taken = work.hand_in_late(page.pk, worker=page.worker, answers=answers | strange, held=page.price)

    assert taken.state == "submitted"
