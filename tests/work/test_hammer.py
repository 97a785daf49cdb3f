"""P1, P10: many at once: threads with connections of their own lease and hand in as fast as they can."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Count, F, Q

from apps.campaigns.models import Campaign
from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.errors import LeaseEnded, NoWork
from apps.work.models import Assignment, Judgment, Place, Task
from apps.workforce import linking
from apps.workforce.models import Trace, Worker
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12


def alone(function, argument):
    """Call a function with a connection of its own."""
    try:
        return function(argument)
    finally:
        connection.close()


def in_threads(function, arguments):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(partial(alone, function), arguments))


def work_until_done(campaign: Campaign, worker: Worker) -> None:
    """Work as an unruly person does: hand in, hand in twice, give back, wander off."""
    dice = random.Random(worker.external_id)
    for _ in range(200):
        try:
            page = work.lease(campaign, worker=worker)
        except NoWork as none:
            if none.reason != "done" or not Task.objects.filter(taken__lt=F("wanted"), gold=False).exists():
                return
            continue
        if dice.random() < 0.1:
            work.give_back(page.pk, worker=worker)
            continue
        answers = answered(page)
        for _ in range(dice.choice([1, 1, 2])):
            try:
                work.submit(page.pk, worker=worker, answers=answers)
            except LeaseEnded:
                break


def check_promises(campaign: Campaign) -> None:
    over = Task.objects.annotate(live=Count("places", filter=Q(places__state__in=["open", "answered"]))).filter(
        gold=False, live__gt=F("wanted")
    )
    assert not over.exists()
    wrong = (
        Task.objects.annotate(live=Count("places", filter=Q(places__state__in=["open", "answered"])))
        .filter(gold=False)
        .exclude(taken=F("live"))
    )
    assert not wrong.exists()
    held = sum(campaign.assignments.filter(state__in=["leased", "submitted"]).values_list("held", flat=True))
    budget = Budget.objects.get(owner=campaign.key)
    assert budget.held == held
    assert budget.held + budget.spent <= budget.amount
    pages_in_hand = campaign.assignments.filter(state="leased").values_list("worker", flat=True)
    assert max(Counter(pages_in_hand).values(), default=0) <= 2


def test_redundancy_is_exact_with_many_workers_at_once():
    campaign = running(items=60, page_size=3, redundancy=3, price=7, gold=10, gold_share=0.2, early_gold=2)
    workers = [worker_of(campaign) for _ in range(THREADS)]

    in_threads(lambda worker: work_until_done(campaign, worker), workers)

    check_promises(campaign)
    assert set(Task.objects.filter(gold=False).values_list("judged", flat=True)) == {3}
    assert not Judgment.objects.values("task", "worker").annotate(n=Count("pk")).filter(n__gt=1).exists()


def test_parallel_fetches_of_one_worker_all_get_the_same_page():
    campaign = running(items=60, page_size=3)
    worker = worker_of(campaign)
    first = work.lease(campaign, worker=worker)  # the seat is there: only its lock is left to make them wait
    work.submit(first.pk, worker=worker, answers=answered(first))

    pages = in_threads(lambda _: work.lease(campaign, worker=worker).pk, range(THREADS))

    assert len(set(pages)) == 1
    assert Place.objects.count() == 6


def test_parallel_hand_ins_of_one_page_store_it_once():
    campaign = running(items=10, page_size=5)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    answers = answered(page)

    in_threads(lambda _: work.submit(page.pk, worker=worker, answers=answers), range(THREADS))

    assert Judgment.objects.count() == 5
    check_promises(campaign)


def test_a_budget_that_runs_out_first_is_never_overspent():
    campaign = running(items=200, page_size=2, price=10, budget=155, redundancy=2)
    workers = [worker_of(campaign) for _ in range(30)]

    def lease(worker):
        try:
            return work.lease(campaign, worker=worker)
        except NoWork as none:
            assert none.reason == "budget"

    pages = in_threads(lease, workers)

    assert sum(page is not None for page in pages) == 15
    assert Budget.objects.get(owner=campaign.key).held == 150
    check_promises(campaign)


def test_giving_back_expiring_and_handing_in_at_once_ends_a_page_one_way():
    campaign = running(items=30, page_size=5, lease_seconds=30)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    answers = answered(page)
    Assignment.objects.update(expires_at=F("leased_at"))

    def end(how):
        try:
            if how == 0:
                work.submit(page.pk, worker=worker, answers=answers)
            elif how == 1:
                work.give_back(page.pk, worker=worker)
            else:
                work.expire(page)
        except LeaseEnded:
            pass

    in_threads(end, [0, 1, 2] * 4)

    state = Assignment.objects.get(pk=page.pk).state
    assert state in {"submitted", "returned", "expired"}
    assert Judgment.objects.count() == (5 if state == "submitted" else 0)
    check_promises(campaign)


def test_handing_in_while_fetching_over_the_same_tasks_never_deadlocks():
    for _ in range(12):
        campaign = running(items=4, page_size=2, redundancy=3, lease_seconds=3600)
        workers = [worker_of(campaign) for _ in range(3)]
        overdue = work.lease(campaign, worker=workers[0])
        pages = [work.lease(campaign, worker=workers[0], after=overdue.pk)]
        pages += [work.lease(campaign, worker=other) for other in workers[1:]]
        given = {page.pk: answered(page) for page in pages}
        Assignment.objects.filter(pk=overdue.pk).update(expires_at=F("leased_at"))

        def act(page, campaign=campaign, workers=workers, given=given):
            if page is None:
                try:
                    work.lease(campaign, worker=workers[0])
                except NoWork:
                    pass
            else:
                work.submit(page.pk, worker=page.worker, answers=given[page.pk])

        in_threads(act, [*pages, None])
        check_promises(campaign)


def test_of_two_accounts_of_one_person_the_second_waits_for_what_the_first_is_being_given_and_never_gets_it():
    campaign = running(items=1, page_size=1, redundancy=2)
    first, second = worker_of(campaign), worker_of(campaign)
    for worker in (first, second):
        linking.note(worker, kind=Trace.Kind.DEVICE, value="a browser")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():  # what the first is given is not to be seen yet, and its task is passed over
            work.lease(campaign, worker=first)
            asking = pool.submit(alone, lambda worker: work.lease(campaign, worker=worker), second)
            with pytest.raises(TimeoutError):
                asking.result(timeout=2)
        with pytest.raises(NoWork):
            asking.result(timeout=60)

    assert list(Place.objects.values_list("worker", flat=True)) == [first.pk]
