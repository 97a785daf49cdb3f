"""W5: answers that are finished after the page's lease ended are taken and paid where nobody else was asked."""

from datetime import timedelta

import pytest
import time_machine

from apps.campaigns import services as campaigns
from apps.core import clock
from apps.ledger.models import Budget
from apps.pipeline import steps
from apps.work import services as work
from apps.work.errors import BadPage, LeaseEnded, NoWork
from apps.work.models import Assignment, Judgment, Task
from apps.workforce import linking
from apps.workforce.models import Restriction, Trace
from tests.running import answered, running, worker_of
from tests.work.test_hammer import check_promises, in_threads

pytestmark = pytest.mark.django_db


def let_expire(campaign, worker=None):
    """Return a page whose lease was ended, with the answers that its worker had in hand."""
    page = work.lease(campaign, worker=worker or worker_of(campaign))
    answers = answered(page)
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    page.refresh_from_db()
    assert work.expire(page)
    page.refresh_from_db()
    return page, answers


def hand_in(page, answers):
    return work.submit(page.pk, worker=page.worker, answers=answers)


def test_they_are_taken_and_paid_while_the_tasks_still_want_them():
    campaign = running(items=3, page_size=3, redundancy=1, price=30)
    page, answers = let_expire(campaign)

    late = hand_in(page, answers)
    steps.settle(late.pk)

    late.refresh_from_db()
    assert (late.state, late.pay) == ("approved", 30)
    assert Judgment.objects.count() == 3
    assert Budget.objects.get(owner=campaign.key).spent == 30
    check_promises(campaign)


def test_what_went_to_others_stays_with_them_and_the_rest_is_paid():
    campaign = running(items=3, page_size=3, redundancy=1, price=30)
    page, answers = let_expire(campaign)
    other = work.lease(campaign, worker=worker_of(campaign))
    given = answered(other)
    kept = dict(list(given.items())[:1]) | {token: {"skip": ""} for token in list(given)[1:]}
    work.submit(other.pk, worker=other.worker, answers=kept)

    late = hand_in(page, answers)

    assert late.pay == 20
    assert set(Task.objects.values_list("judged", flat=True)) == {1}
    check_promises(campaign)


def test_what_went_to_an_account_of_the_same_person_is_not_taken_although_more_is_wanted():
    campaign = running(items=3, page_size=3, redundancy=2, price=30)
    page, answers = let_expire(campaign)
    other = worker_of(campaign)
    for worker in (page.worker, other):
        linking.note(worker, kind=Trace.Kind.DEVICE, value="one browser")
    work.lease(campaign, worker=other)

    with pytest.raises(LeaseEnded):
        hand_in(page, answers)

    assert Judgment.objects.count() == 0


def test_where_all_went_to_others_none_is_taken_and_nothing_is_held():
    campaign = running(items=3, page_size=3, redundancy=1, price=30)
    page, answers = let_expire(campaign)
    work.lease(campaign, worker=worker_of(campaign))

    with pytest.raises(LeaseEnded, match="went to others"):
        hand_in(page, answers)

    assert Budget.objects.get(owner=campaign.key).held == 30
    assert not Judgment.objects.exists()
    check_promises(campaign)


def test_the_same_again_changes_nothing_and_others_are_refused():
    campaign = running(items=2, page_size=2, redundancy=1)
    page, answers = let_expire(campaign)

    first = hand_in(page, answers)
    again = hand_in(page, answers)

    assert again.submitted_at == first.submitted_at
    assert Judgment.objects.count() == 2


def test_a_task_that_the_same_worker_was_given_again_is_answered_on_the_new_page_alone():
    campaign = running(items=2, page_size=2, redundancy=5)
    page, answers = let_expire(campaign)
    again = work.lease(campaign, worker=page.worker)

    with pytest.raises(LeaseEnded, match="went to others"):
        hand_in(page, answers)

    assert hand_in(again, answered(again)).state == "submitted"
    check_promises(campaign)


def test_what_is_wrong_with_them_is_told_and_nothing_is_kept_or_held():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    page, answers = let_expire(campaign)

    with pytest.raises(BadPage, match="unicorn"):
        hand_in(page, {token: {"answer": "unicorn"} for token in answers})

    page.refresh_from_db()
    assert page.state == "expired"
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert hand_in(page, answers).state == "submitted"


def test_gold_among_them_is_answered_again():
    campaign = running(items=4, gold=2, page_size=4, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = let_expire(campaign)

    late = hand_in(page, answers)

    assert Judgment.objects.filter(task__gold=True).count() == page.places.filter(task__gold=True).count() > 0
    assert late.state == "submitted"
    check_promises(campaign)


def test_p13_gold_is_taken_late_with_the_chance_that_the_other_questions_had():
    campaign = running(items=40, gold=20, page_size=40, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = let_expire(campaign)
    real = list(page.places.filter(task__gold=False).values_list("task", flat=True))
    Task.objects.filter(pk__in=real[::2]).update(taken=1)  # as if others had them

    hand_in(page, answers)

    golds = page.places.filter(task__gold=True)
    assert Judgment.objects.filter(task__gold=False).count() == len(real) // 2
    assert 0 < Judgment.objects.filter(task__gold=True).count() < golds.count() == 20


def test_p13_gold_alone_is_not_taken_late():
    campaign = running(items=4, gold=2, page_size=4, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = let_expire(campaign)
    Task.objects.filter(gold=False).update(taken=1)  # as if others had them

    with pytest.raises(LeaseEnded, match="went to others"):
        hand_in(page, answers)


def test_p13_whether_a_question_is_taken_late_is_drawn_once():
    campaign = running(items=20, gold=10, page_size=20, redundancy=1, gold_share=0.5, early_gold=5)
    page, answers = let_expire(campaign)
    real = list(page.places.filter(task__gold=False).values_list("task", flat=True))
    Task.objects.filter(pk__in=real[::2]).update(taken=1)  # as if others had them
    told = set()

    for _ in range(5):
        with pytest.raises(BadPage) as refused:
            hand_in(page, {token: {"answer": "unicorn"} for token in answers})
        told.add(frozenset(refused.value.problems))

    assert len(told) == 1


@pytest.mark.parametrize("asks_gold", [True, False])
def test_p13_a_page_of_one_question_is_taken_late_until_anybody_is_given_a_page(asks_gold):
    campaign = running(items=20, gold=10, gold_share=0.5, early_gold=0, page_size=1, redundancy=1)
    worker = worker_of(campaign)
    while True:
        page, answers = let_expire(campaign, worker)
        if page.places.filter(task__gold=asks_gold).exists():
            break

    before = work.may_come(page, worker=worker)
    other = work.lease(campaign, worker=worker_of(campaign))
    work.give_back(other.pk, worker=other.worker)

    assert (before, work.may_come(page, worker=worker)) == (True, False)
    with pytest.raises(LeaseEnded, match="went to others"):
        hand_in(page, answers)


@pytest.mark.parametrize("purpose", ["training", "test"])
def test_a_page_of_known_answers_alone_is_asked_for_and_taken_late(purpose):
    campaign = running(items=4, gold=4, page_size=2, purpose=purpose)
    page, answers = let_expire(campaign)

    assert work.may_come(page, worker=page.worker)
    assert hand_in(page, answers).state == "submitted"


def test_a_page_of_several_questions_never_asks_gold_alone():
    campaign = running(items=20, gold=10, gold_share=0.9, early_gold=10, page_size=2, redundancy=1)
    worker = worker_of(campaign)

    asked = []
    for _ in range(5):
        page = work.lease(campaign, worker=worker)
        asked.append(sorted(page.places.values_list("task__gold", flat=True)))
        hand_in(page, answered(page))

    assert asked == [[False, True]] * 5


def test_a_page_that_was_given_back_stays_given_back():
    campaign = running(items=2, page_size=2)
    page = work.lease(campaign, worker=worker_of(campaign))
    answers = answered(page)
    work.give_back(page.pk, worker=page.worker)

    with pytest.raises(LeaseEnded, match="given back"):
        hand_in(page, answers)


@pytest.mark.parametrize("why", ["stopped", "restricted", "no money"])
def test_nothing_is_taken_where_the_worker_could_get_no_page(why):
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    page, answers = let_expire(campaign)
    if why == "stopped":
        campaigns.stop(campaign, by=None)
    elif why == "restricted":
        Restriction.objects.create(worker=page.worker, scope=campaign.key, reason="All the same")
    else:
        Budget.objects.filter(owner=campaign.key).update(amount=5)

    with pytest.raises(LeaseEnded):
        hand_in(page, answers)

    page.refresh_from_db()
    assert page.state == "expired"
    assert not Judgment.objects.exists()


def test_a_paused_campaign_takes_what_was_in_hand():
    campaign = running(items=2, page_size=2, redundancy=1)
    page, answers = let_expire(campaign)
    campaigns.pause(campaign, by=None)

    assert hand_in(page, answers).state == "submitted"


@pytest.mark.django_db(transaction=True)
def test_late_answers_and_others_fetches_at_once_never_go_past_redundancy():
    for _ in range(10):
        campaign = running(items=6, page_size=3, redundancy=2, price=9)
        late = [let_expire(campaign) for _ in range(5)]
        fetching = [(None, worker_of(campaign)) for _ in range(5)]

        def act(one, campaign=campaign):
            first, second = one
            try:
                if first is None:
                    page = work.lease(campaign, worker=second)
                    work.submit(page.pk, worker=second, answers=answered(page))
                else:
                    work.submit(first.pk, worker=first.worker, answers=second)
            except (LeaseEnded, NoWork):
                pass

        in_threads(act, [pair for both in zip(late, fetching, strict=True) for pair in both])

        check_promises(campaign)
        assert all(judged <= 2 for judged in Task.objects.filter(campaign=campaign).values_list("judged", flat=True))


def test_a_late_page_counts_the_time_that_the_browser_tells_within_what_is_possible():
    campaign = running(items=1, page_size=1, redundancy=1, lease_seconds=60)
    page, answers = let_expire(campaign)

    with time_machine.travel(clock.now() + timedelta(hours=1)):
        late = work.submit(page.pk, worker=page.worker, answers=answers, active_seconds=55.0)

    assert late.active_seconds == 55.0
