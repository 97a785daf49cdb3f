"""P13 beside the page itself: no question with a known answer is told by what is left, comes late, or is changed."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.members.models import Scope
from apps.pipeline import steps
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce import linking
from apps.workforce.models import Trace
from tests.api.machine import JSON, bearer
from tests.factories import UserFactory
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db
MANY, FEW = 50, 1  # questions left at least, as offers count them
TRIES = 14  # pages of one question, of which so many as not are gold


@pytest.fixture
def singles():
    """A campaign of pages of one question, nearly half of them gold."""
    return running(items=60, gold=20, gold_share=0.4, early_gold=0, page_size=1, redundancy=1, price=1)


def at_work(campaign):
    """Return a new worker, and their client: a browser with a session, and a program with a token."""
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    client.force_login(user)
    return worker, client


def left(client):
    (offer,) = client.get("/work/campaigns.json").json()["campaigns"]
    return offer["questions_left"]


def is_gold(page):
    return page.places.get().task.gold


def test_p13_a_page_taken_or_given_back_moves_what_is_left_for_gold_as_for_the_rest(singles):
    worker, client = at_work(singles)
    page = work.lease(singles, worker=worker)
    while left(client) >= MANY:  # up to where a question more or less is to be seen
        work.submit(page.pk, worker=worker, answers=answered(page))
        page = work.lease(singles, worker=worker)
    moved = {True: set(), False: set()}

    for _ in range(TRIES):
        work.give_back(page.pk, worker=worker)
        before = left(client)
        page = work.lease(singles, worker=worker)
        moved[is_gold(page)].add((before, left(client)))

    assert moved == {True: {(MANY, FEW)}, False: {(MANY, FEW)}}


def test_p13_a_question_that_comes_again_after_it_was_given_back_is_not_gold():
    campaign = running(items=200, gold=4, gold_share=0.1, early_gold=0, page_size=10, redundancy=1)
    worker = worker_of(campaign)
    asked = Counter()

    for _ in range(10):
        page = work.lease(campaign, worker=worker)
        asked.update(page.places.filter(task__gold=True).values_list("task", flat=True))
        work.give_back(page.pk, worker=worker)

    assert set(asked.values()) == {1}


def test_p13_two_accounts_of_one_person_share_no_question_gold_neither():
    campaign = running(items=100, gold=10, gold_share=0.3, early_gold=0, page_size=10, redundancy=5)
    workers = [worker_of(campaign), worker_of(campaign)]
    for worker in workers:
        linking.note(worker, kind=Trace.Kind.DEVICE, value="one browser")
    asked = Counter()

    for worker in workers * 3:
        page = work.lease(campaign, worker=worker)
        asked.update(page.places.values_list("task", flat=True))
        work.submit(page.pk, worker=worker, answers=answered(page))

    assert set(asked.values()) == {1}


@pytest.mark.parametrize("went_on", [True, False])
def test_p13_a_page_whose_time_is_over_is_shown_and_taken_alike_for_gold_and_the_rest(singles, went_on):
    worker, client = at_work(singles)
    told = {True: set(), False: set()}

    for _ in range(TRIES):
        page = work.lease(singles, worker=worker)
        asked = {"answers": answered(page)}
        Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))
        page.refresh_from_db()
        work.expire(page)
        if went_on:
            other = work.lease(singles, worker=worker_of(singles))
            work.give_back(other.pk, worker=other.worker)
        shown = client.get(f"/work/pages/{page.pk}/").content.decode()
        media = work.may_see(page.pk, user=AnonymousUser()), work.is_in_hand(page.pk)
        taken = client.post(f"/api/v1/assignments/{page.pk}/submit", asked, **JSON)
        told[is_gold(page)].add(("You can still hand in" in shown, *media, taken.status_code))

    assert told[True] == told[False]
    assert told[True] == ({(False, False, False, 410)} if went_on else {(True, True, True, 200)})


def test_p13_what_was_let_go_is_answered_by_no_change_whoever_took_it_meanwhile():
    campaign = running(
        items=10, gold=5, gold_share=0.5, early_gold=0, page_size=10, redundancy=1, price=1, grace_seconds=600
    )
    worker, client = at_work(campaign)
    page = work.lease(campaign, worker=worker)
    golds = dict(page.places.values_list("token", "task__gold"))
    ways = [{"skip": ""}, {"broken": "no picture"}]
    work.submit(page.pk, worker=worker, answers={token.hex: ways[n % 2] for n, token in enumerate(golds)})
    other = work.lease(campaign, worker=worker_of(campaign))
    asked = {"answers": {token.hex: {"answer": "cat"} for token in golds}}

    said = client.post(f"/work/pages/{page.pk}/change", asked, **JSON, headers={"accept": "application/json"})
    told = client.post(f"/api/v1/assignments/{page.pk}/change", asked, **JSON)

    assert set(golds.values()) == {True, False}
    assert other.places.filter(task__gold=False).exists()
    problems = said.json()["problems"]
    assert set(problems) == {token.hex for token in golds}
    assert len(set(problems.values())) == 1
    assert told.status_code == 422
    assert all(token.hex in told.content.decode() for token in golds)


def test_p13_a_change_asks_as_much_of_the_database_for_gold_as_for_the_rest():
    campaign = running(
        items=20, gold=10, gold_share=0.5, early_gold=0, page_size=1, redundancy=1, price=1, grace_seconds=600
    )
    worker = worker_of(campaign)
    asked = {True: set(), False: set()}

    for _ in range(TRIES):
        page = work.lease(campaign, worker=worker)
        answers = answered(page)
        work.submit(page.pk, worker=worker, answers=answers)
        with CaptureQueriesContext(connection) as statements:
            work.change(page.pk, worker=worker, answers={token: {"skip": ""} for token in answers})
        asked[is_gold(page)].add(len(statements))

    assert asked[True] == asked[False]


def test_p13_ones_own_data_hold_what_was_handed_in_and_not_what_befell_all_but_gold():
    campaign = running(items=10, gold=5, gold_share=0.5, early_gold=0, page_size=10, redundancy=1, price=1)
    worker, client = at_work(campaign)
    page = work.lease(campaign, worker=worker)
    work.submit(page.pk, worker=worker, answers=answered(page))
    steps.settle(page.pk)
    work.ask_anew(campaign, guidelines=page.guidelines + 1)

    given = json.loads(b"".join(client.get("/work/account/data").streaming_content))

    assert page.places.filter(state="outdated").exists()
    assert {question["state"] for question in given["questions"]} == {"answered"}
