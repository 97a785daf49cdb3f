"""Many workers at once before a HIT's last places, each with a connection: never more have it than it asks for."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from threading import Barrier, Event

import pytest
from django.db import connection

from apps.core import clock
from apps.turkapi import queries
from apps.turkapi.models import Hit
from apps.work import services as work
from apps.work.errors import LeaseEnded, NoWork
from apps.work.models import Assignment
from tests.running import answered
from tests.turkapi.over_boto3 import HIT, requester, turk, worker_of

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 12


def at_once(deeds):
    """Do all of it at the same moment, each with a connection of its own; return what each gave."""
    together = Barrier(len(deeds))

    def alone(deed):
        try:
            together.wait(60)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(alone, deeds))


def page_for(worker, campaign):
    """Return the page that the worker got, None where there was none."""
    try:
        return work.lease(campaign, worker=worker)
    except NoWork as none:
        assert none.reason == "done", none
        return None


def asked(most):
    """Return boto3's client of a new requester, their HIT for `most` workers, and a crowd of them."""
    user = requester(funds=100_000)
    mturk = turk(user)
    mturk.create_hit(**{**HIT, "MaxAssignments": most})
    return mturk, Hit.objects.select_related("type__campaign").get(), [worker_of(user) for _ in range(CROWD)]


def live(hit):
    """Return how many have the HIT, or have handed it in."""
    return hit.task.places.filter(state__in=["open", "answered"]).count()


@pytest.mark.parametrize("most", [1, 3])
def test_of_many_who_ask_for_the_last_places_as_many_get_one_as_there_are(most):
    mturk, hit, crowd = asked(most)

    def insist(worker):
        """Ask until there is no place left: who asks while another one is being given theirs is passed over."""
        while (page := page_for(worker, hit.type.campaign)) is None and live(hit) < most:
            pass
        return page

    pages = at_once([partial(insist, worker) for worker in crowd])

    assert sum(page is not None for page in pages) == live(hit) == most
    told = mturk.get_hit(HITId=str(hit))["HIT"]
    assert (told["NumberOfAssignmentsPending"], told["NumberOfAssignmentsAvailable"]) == (most, 0)


def test_a_worker_who_asks_many_times_at_once_has_one_place_of_it():
    _, hit, (worker, *_) = asked(5)

    pages = at_once([lambda: page_for(worker, hit.type.campaign)] * CROWD)

    assert len({page.pk for page in pages}) == live(hit) == 1
    assert Assignment.objects.count() == 1


def test_a_place_that_is_given_back_is_had_by_one_of_those_who_wait_for_it():
    _, hit, (first, *others) = asked(1)
    page = work.lease(hit.type.campaign, worker=first)

    taken = Event()

    def wait_for_it(worker):
        while not taken.is_set():
            if found := page_for(worker, hit.type.campaign):
                taken.set()
                return found
        return None

    returned, *got = at_once(
        [
            lambda: work.give_back(page.pk, worker=first),
            *(lambda worker=worker: wait_for_it(worker) for worker in others),
        ]
    )

    assert returned.state == "returned"
    assert sum(each is not None for each in got) == live(hit) == 1


def be_unruly(hit, worker, dice):
    """Take the HIT again and again; mostly give it back, sometimes hand it in."""
    for _ in range(15):
        if (page := page_for(worker, hit.type.campaign)) is None:
            continue
        if dice.random() < 0.8:
            work.give_back(page.pk, worker=worker)
        else:
            with suppress(LeaseEnded):
                work.submit(page.pk, worker=worker, answers=answered(page, answer=[["animal", "cat"]]))


def extend_and_expire(mturk, hit):
    for _ in range(3):
        mturk.create_additional_assignments_for_hit(HITId=str(hit), NumberOfAdditionalAssignments=1)
        mturk.update_expiration_for_hit(HITId=str(hit), ExpireAt=0)
        mturk.update_expiration_for_hit(HITId=str(hit), ExpireAt=clock.from_now(seconds=86_400))


@contextmanager
def watched(over):
    """Look at the only HIT all the time; give what was seen: most, wanted, taken and live, of one moment each."""
    seen = []

    def look():
        with connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute(
                    """SELECT h.most, t.wanted, t.taken, (SELECT count(*) FROM work_place p WHERE p.task_id = t.id
                       AND p.state IN ('open', 'answered')) FROM turkapi_hit h JOIN work_task t ON t.id = h.task_id"""
                )
                seen.append(cursor.fetchone())
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield seen
        finally:
            over.set()
        looking.result()


def test_at_no_moment_have_more_workers_a_hit_than_it_asks_for_while_it_is_given_back_extended_and_expired():
    mturk, hit, crowd = asked(2)
    unruly = [partial(be_unruly, hit, worker, random.Random(n)) for n, worker in enumerate(crowd)]

    with watched(Event()) as seen:
        at_once([partial(extend_and_expire, mturk, hit), *unruly])

    assert len(seen) > 20
    assert [row for row in seen if row[3] > min(row[:2]) or row[3] != row[2]] == []
    hit.refresh_from_db()
    assert (hit.most, queries.counts(hit).available + live(hit)) == (5, 5)
