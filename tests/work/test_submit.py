"""S14, P3: pages handed in: acknowledged is kept; repeated is once; another's, late and bad hand-ins change nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.errors import BadPage, LeaseEnded, NotYours, OtherAnswers
from apps.work.models import Assignment, Judgment, Place, Seat, Task
from tests.running import answered, handed_in, running, tokens, worker_of

pytestmark = pytest.mark.django_db


def test_a_page_handed_in_has_a_judgment_for_each_place_and_holds_what_it_earns():
    campaign = running(items=5, page_size=5, price=10)

    page = handed_in(campaign)

    assert page.state == "submitted"
    assert page.pay == page.held == 10
    assert list(Judgment.objects.values_list("answer", flat=True)) == ["cat"] * 5
    assert set(Task.objects.values_list("taken", "judged")) == {(1, 1)}
    assert Seat.objects.get().pages == 1


def test_the_same_hand_in_again_changes_nothing():
    campaign = running()
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    answers = answered(page)
    first = work.submit(page.pk, worker=worker, answers=answers)

    again = work.submit(page.pk, worker=worker, answers=dict(reversed(answers.items())))

    assert again == first
    assert Judgment.objects.count() == page.places_count
    assert Seat.objects.get().pages == 1


def test_another_hand_in_of_the_same_page_is_refused_and_the_first_stands():
    campaign = running()
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    work.submit(page.pk, worker=worker, answers=answered(page) | {})
    others = {token: {"answer": "dog"} for token in Judgment.objects.values_list("place__token", flat=True)}

    with pytest.raises(OtherAnswers):
        work.submit(page.pk, worker=worker, answers={token.hex: given for token, given in others.items()})

    assert set(Judgment.objects.values_list("answer", flat=True)) == {"cat"}


def test_nobody_can_hand_in_for_another():
    campaign = running()
    page = work.lease(campaign, worker=worker_of(campaign))

    with pytest.raises(NotYours):
        work.submit(page.pk, worker=worker_of(campaign), answers=answered(page))
    with pytest.raises(NotYours):
        work.submit(uuid4(), worker=worker_of(campaign), answers={})

    assert not Judgment.objects.exists()


def test_a_late_page_is_taken_as_long_as_nobody_ended_its_lease():
    campaign = running(lease_seconds=60)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))

    with time_machine.travel(page.expires_at + timedelta(seconds=1)):
        assert work.submit(page.pk, worker=worker, answers=answered(page)).state == "submitted"


def test_a_page_whose_lease_was_ended_and_whose_tasks_went_to_others_is_refused():
    campaign = running(lease_seconds=60, redundancy=1, items=5)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    answers = answered(page)
    with time_machine.travel(page.expires_at + timedelta(seconds=1)):
        assert work.expire(page)
        work.lease(campaign, worker=worker_of(campaign))

        with pytest.raises(LeaseEnded, match="went to others"):
            work.submit(page.pk, worker=worker, answers=answers)

    assert not Judgment.objects.exists()


def test_tokens_of_an_earlier_lease_of_the_same_tasks_are_refused():
    campaign = running(items=2, page_size=2, redundancy=1)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    stale = answered(page)
    work.give_back(page.pk, worker=worker)
    again = work.lease(campaign, worker=worker)

    with pytest.raises(BadPage, match="not a question of the page"):
        work.submit(again.pk, worker=worker, answers=stale)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"answer": "unicorn"}, "unicorn"),
        ({"answer": "cat", "skip": "no"}, "should be given as one of"),
        ({}, "should be given as one of"),
        (None, "has no answer yet"),
        ({"skip": "x" * 3000}, "at most 2000 characters"),
        ({"broken": "a\x00b"}, "U+0000"),
        ({"skip": 5}, "should be a text"),
    ],
)
def test_s14_one_bad_answer_is_named_and_nothing_is_stored(given, sentence):
    campaign = running()
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    answers = answered(page)
    bad = tokens(page)[1]
    answers[bad] = given
    if given is None:
        del answers[bad]

    with pytest.raises(BadPage) as refused:
        work.submit(page.pk, worker=worker, answers=answers)

    assert list(refused.value.problems) == [bad]
    assert sentence in refused.value.problems[bad]
    assert not Judgment.objects.exists()
    page.refresh_from_db()
    assert page.state == "leased"


def test_skipped_places_are_not_paid_and_go_to_others():
    campaign = running(items=4, page_size=4, price=14, redundancy=1)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    answers = answered(page)
    first, *_ = answers
    answers[first] = {"skip": "I can't tell"}

    page = work.submit(page.pk, worker=worker, answers=answers)

    assert page.pay == 11  # 14 * 3 / 4 is 10.5, half up (half to even would be 10)
    assert Budget.objects.get(owner=campaign.key).held == 11
    with pytest.raises(Exception, match="nothing left"):
        work.lease(campaign, worker=worker)
    assert work.lease(campaign, worker=worker_of(campaign)).places_count == 1


def test_places_reported_as_broken_are_paid_and_after_enough_reports_the_task_is_served_no_more():
    campaign = running(items=1, page_size=1, price=10, redundancy=5, broken_after=2)

    for _ in range(2):
        page = work.lease(campaign, worker=(worker := worker_of(campaign)))
        page = work.submit(page.pk, worker=worker, answers={tokens(page)[0]: {"broken": "no picture"}})
        assert page.pay == 10

    assert Task.objects.get().state == "broken"
    with pytest.raises(Exception, match="nothing left"):
        work.lease(campaign, worker=worker_of(campaign))


def test_a_report_that_comes_after_a_person_gave_the_label_leaves_the_task_settled():
    campaign = running(items=1, page_size=1, redundancy=5, broken_after=1)
    workers = [worker_of(campaign) for _ in range(2)]
    first, late = [work.lease(campaign, worker=one) for one in workers]
    work.submit(first.pk, worker=workers[0], answers={tokens(first)[0]: {"broken": "no picture"}})
    work.settle(Task.objects.get())

    work.submit(late.pk, worker=workers[1], answers={tokens(late)[0]: {"broken": "no picture"}})

    assert Task.objects.get().state == "settled"
    assert Place.objects.filter(state="broken").count() == 2


def test_a_rejected_page_frees_its_tasks_keeps_its_money_held_and_its_answers_count_no_more():
    campaign = running(items=3, page_size=3, price=10, redundancy=1)
    page = handed_in(campaign)

    work.reject(page)

    assert Budget.objects.get(owner=campaign.key).held == 10
    assert set(Task.objects.values_list("taken", "judged")) == {(0, 0)}
    assert not Judgment.objects.filter(counted=True).exists()
    with time_machine.travel(page.disputable_until + timedelta(days=1)):
        assert work.release_rejected(page)
        assert not work.release_rejected(page)
    assert Budget.objects.get(owner=campaign.key).held == 0


def test_an_overturned_rejection_counts_again_only_where_the_task_still_wants_it():
    campaign = running(items=2, page_size=2, redundancy=1)
    page = handed_in(campaign)
    work.reject(page)
    replaced = work.lease(campaign, worker=(other := worker_of(campaign)))
    first, second = tokens(replaced)
    work.submit(replaced.pk, worker=other, answers={first: {"answer": "dog"}, second: {"skip": ""}})

    work.overturn(page)

    assert Assignment.objects.get(pk=page.pk).state == "approved"
    assert Judgment.objects.filter(place__assignment=page, counted=True).count() == 1
    assert set(Task.objects.values_list("taken", "judged")) == {(1, 1)}
