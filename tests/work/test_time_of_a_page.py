"""A page's time runs from when it is shown, though it was fetched ahead; and what is said of it is bounded by it."""

from datetime import timedelta

import pytest
import time_machine

from apps.core import clock
from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.errors import NotYours
from apps.work.models import Judgment
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=100)


def both(**values):
    """Return a worker, the page in hand and the one fetched ahead."""
    campaign = running(items=20, page_size=2, price=10, lease_seconds=100, **values)
    worker = worker_of(campaign)
    first = work.lease(campaign, worker=worker)
    return worker, first, work.lease(campaign, worker=worker, after=first.pk)


def test_the_clock_of_the_page_in_hand_runs_and_that_of_the_one_behind_waits():
    _, first, ahead = both()

    assert first.shown_at == first.leased_at
    assert first.expires_at == first.leased_at + LEASE
    assert ahead.shown_at is None
    assert ahead.expires_at == first.expires_at + LEASE  # held as long as the first may take, and its own time


def test_a_page_fetched_ahead_has_all_its_time_from_when_it_is_shown_and_is_shown_once():
    worker, first, ahead = both()
    later = clock.now() + timedelta(seconds=90)

    with time_machine.travel(later, tick=False):
        work.submit(first.pk, worker=worker, answers=answered(first))
        shown = work.show(ahead.pk, worker=worker)
    with time_machine.travel(later + timedelta(seconds=30)):
        again = work.show(ahead.pk, worker=worker)

    assert shown.shown_at == later
    assert shown.expires_at == later + LEASE
    assert (again.shown_at, again.expires_at) == (shown.shown_at, shown.expires_at)


def test_asking_for_the_page_to_work_on_starts_the_clock_of_the_one_that_is_left():
    worker, first, ahead = both()
    work.submit(first.pk, worker=worker, answers=answered(first))

    page = work.lease(first.campaign, worker=worker)

    assert page == ahead
    assert page.shown_at is not None


def test_a_page_fetched_ahead_outlives_the_one_before_it():
    worker, first, ahead = both()

    with time_machine.travel(first.expires_at + timedelta(seconds=1)):
        page = work.lease(first.campaign, worker=worker)

    first.refresh_from_db()
    assert first.state == "expired"
    assert page == ahead


def test_more_time_for_a_page_holds_the_one_behind_it_longer():
    worker, first, ahead = both()

    with time_machine.travel(first.leased_at + timedelta(seconds=80)):
        extended = work.extend(first.pk, worker=worker)

    ahead.refresh_from_db()
    assert extended.expires_at > first.expires_at
    assert ahead.expires_at == extended.expires_at + LEASE


def test_nobody_starts_another_workers_clock_and_an_ended_page_is_left_as_it_is():
    worker, first, ahead = both()
    work.give_back(ahead.pk, worker=worker)

    with pytest.raises(NotYours):
        work.show(first.pk, worker=worker_of(first.campaign))

    assert work.show(ahead.pk, worker=worker).shown_at is None


@pytest.mark.parametrize(
    ("claimed", "kept"), [(None, None), (12.5, 12.5), (1e9, 40), (float("nan"), None), (float("inf"), None), (-1, None)]
)
def test_active_time_is_believed_up_to_the_time_in_hand_by_the_servers_clock(claimed, kept):
    worker, first, ahead = both()
    work.submit(first.pk, worker=worker, answers=answered(first))
    begin = clock.now() + timedelta(seconds=20)

    with time_machine.travel(begin, tick=False):
        work.show(ahead.pk, worker=worker)
    with time_machine.travel(begin + timedelta(seconds=40), tick=False):
        page = work.submit(ahead.pk, worker=worker, answers=answered(ahead), active_seconds=claimed)

    assert page.active_seconds == kept
    assert set(Judgment.objects.filter(place__assignment=ahead).values_list("seconds", flat=True)) == {20.0}


def test_the_same_hand_in_with_another_claim_of_time_is_the_same_hand_in():
    worker, first, _ = both()
    answers = answered(first)
    handed_in = work.submit(first.pk, worker=worker, answers=answers, active_seconds=0.0)

    again = work.submit(first.pk, worker=worker, answers=answers, active_seconds=99.0)

    assert again.submitted_at == handed_in.submitted_at
    assert again.active_seconds == 0.0


def test_a_page_fetched_ahead_is_given_back_with_its_money_unless_it_was_shown():
    worker, first, ahead = both()

    assert work.release_unshown(first.pk, worker=worker).state == "leased"
    assert work.release_unshown(ahead.pk, worker=worker).state == "returned"
    assert work.release_unshown(ahead.pk, worker=worker).state == "returned"
    assert Budget.objects.get().held == first.held


def test_work_on_a_page_without_a_connection_counts_since_it_was_shown():
    worker, first, ahead = both()
    began = ahead.leased_at

    with time_machine.travel(began + timedelta(seconds=80), tick=False):
        work.submit(first.pk, worker=worker, answers=answered(first), active_seconds=5)
        shown = work.show(ahead.pk, worker=worker, seconds_ago=70)
    with time_machine.travel(began + timedelta(seconds=82), tick=False):
        done = work.submit(ahead.pk, worker=worker, answers=answered(ahead), active_seconds=71)

    assert shown.shown_at == began + timedelta(seconds=10)
    assert shown.expires_at == began + timedelta(seconds=80) + LEASE
    assert done.active_seconds == 71
    assert set(Judgment.objects.filter(place__assignment=ahead).values_list("seconds", flat=True)) == {72 / 2}


@pytest.mark.parametrize(("told", "believed"), [(10**9, 80), (-5, 0)])
def test_a_page_was_not_shown_before_it_was_leased_or_after_now(told, believed):
    worker, _, ahead = both()

    with time_machine.travel(ahead.leased_at + timedelta(seconds=80), tick=False):
        shown = work.show(ahead.pk, worker=worker, seconds_ago=told)
        assert shown.shown_at == clock.now() - timedelta(seconds=believed)
