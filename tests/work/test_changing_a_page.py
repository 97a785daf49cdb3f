"""A page that was handed in can be changed until its review; every change is whole, or not at all."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.ledger import queries as ledger
from apps.pipeline import flow, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import services as quality
from apps.work import services as work
from apps.work.errors import BadPage, CannotChange, NotYours, OtherAnswers
from apps.work.models import Assignment, Judgment, Task
from tests.running import answered, running, tokens, worker_of

pytestmark = pytest.mark.django_db
AFTER = timedelta(seconds=601)


def page_of(campaign, worker=None):
    worker = worker or worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    return flow.submit(page.pk, worker=worker, answers=answered(page, answer="cat"))


def given_for(page, **ways):
    """Return what is handed in: cat for every place, but for those named by position, as in `p0={"skip": ""}`."""
    rows = page.places.order_by("position").values_list("position", "token")
    return {token.hex: ways.get(f"p{position}", {"answer": "cat"}) for position, token in rows}


def answers_of(page):
    return list(Judgment.objects.filter(place__assignment=page).order_by("place__position").values_list("answer"))


def held(campaign):
    return ledger.budget(campaign.key).held


def is_due(page):
    return ("settle_all", page.campaign_id) in [(step.step, step.pk) for step in outstanding()]


def test_a_page_is_not_judged_while_it_may_be_changed():
    page = page_of(running(grace_seconds=600))

    due_at_once = is_due(page)
    steps.settle(page.pk)
    page.refresh_from_db()
    with time_machine.travel(clock.now() + AFTER, tick=False):
        due_later = is_due(page)
        steps.settle(page.pk)

    assert (due_at_once, page.state, due_later) == (False, "submitted", True)
    assert Assignment.objects.get(pk=page.pk).state == "approved"


def test_without_a_time_for_changes_a_page_is_judged_at_once():
    page = page_of(running(grace_seconds=0))

    assert is_due(page)
    with pytest.raises(CannotChange):
        work.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "dog"}))


def test_a_simulated_crowd_has_no_time_for_changes():
    assert page_of(running(grace_seconds=600, channel="simulated")).review_after is None


def test_other_answers_take_the_place_of_those_handed_in():
    campaign = running(grace_seconds=600, items=3, page_size=3, redundancy=1)
    page = page_of(campaign)
    unchanged = list(Judgment.objects.filter(place__assignment=page).values_list("pk", flat=True))[1:]

    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "dog"}))

    assert answers_of(page) == [("dog",), ("cat",), ("cat",)]
    assert set(unchanged) < set(Judgment.objects.values_list("pk", flat=True))
    assert set(Task.objects.values_list("taken", "judged")) == {(1, 1)}


def test_the_same_change_again_changes_nothing_also_after_the_review():
    page = page_of(running(grace_seconds=600))
    other = given_for(page, p0={"answer": "dog"})
    flow.change(page.pk, worker=page.worker, answers=other)
    before = list(Judgment.objects.order_by("pk").values_list("pk", "answer"))

    flow.change(page.pk, worker=page.worker, answers=other)
    with time_machine.travel(clock.now() + AFTER, tick=False):
        steps.settle(page.pk)
        flow.change(page.pk, worker=page.worker, answers=other)

    assert list(Judgment.objects.order_by("pk").values_list("pk", "answer")) == before


def test_what_was_handed_in_first_does_not_come_back_by_a_late_retry():
    page = page_of(running(grace_seconds=600))
    first = given_for(page)
    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "dog"}))

    with pytest.raises(OtherAnswers):
        flow.submit(page.pk, worker=page.worker, answers=first)

    assert answers_of(page)[0] == ("dog",)


def test_after_the_time_for_changes_what_was_handed_in_stands():
    page = page_of(running(grace_seconds=600))

    with time_machine.travel(clock.now() + AFTER, tick=False), pytest.raises(CannotChange):
        work.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "dog"}))

    assert answers_of(page)[0] == ("cat",)


def test_nobody_changes_the_page_of_another():
    campaign = running(grace_seconds=600)
    page = page_of(campaign)

    with pytest.raises(NotYours):
        work.change(page.pk, worker=worker_of(campaign), answers=given_for(page))


def test_a_change_that_cannot_be_read_changes_nothing():
    page = page_of(running(grace_seconds=600))

    with pytest.raises(BadPage):
        work.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "dog"}, p1={"answer": "horse"}))

    assert set(answers_of(page)) == {("cat",)}


def test_a_question_skipped_afterwards_is_not_paid_and_goes_to_others():
    campaign = running(grace_seconds=600, items=5, page_size=5, price=10, redundancy=1)
    page = page_of(campaign)

    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"skip": "unsure"}))

    page.refresh_from_db()
    assert (page.pay, page.held, held(campaign)) == (8, 8, 8)
    assert Task.objects.filter(taken=0).count() == 1
    other = work.lease(campaign, worker=worker_of(campaign))
    assert len(tokens(other)) == 1


def test_a_question_reported_as_broken_after_all_is_paid_and_held_for():
    campaign = running(grace_seconds=600, items=5, page_size=5, price=10, redundancy=1)
    page = page_of(campaign)
    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"skip": "unsure"}))

    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"broken": "no picture"}))

    page.refresh_from_db()
    assert (page.pay, page.held, held(campaign)) == (10, 10, 10)
    assert len(answers_of(page)) == 4


@pytest.mark.parametrize("way", ["skip", "broken"])
@pytest.mark.parametrize("is_taken", [True, False])
def test_a_question_that_was_let_go_stays_so_whether_or_not_others_took_it(way, is_taken):
    campaign = running(grace_seconds=600, items=5, page_size=5, redundancy=1, broken_after=9)
    page = page_of(campaign)
    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={way: "unsure"}))
    if is_taken:
        work.lease(campaign, worker=worker_of(campaign))

    with pytest.raises(BadPage) as refused:
        flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"answer": "cow"}, p1={"answer": "dog"}))

    said = "you let this question go: leave it as it was"
    assert list(refused.value.problems.values()) == [said]
    assert len(answers_of(page)) == 4
    assert ("dog",) not in answers_of(page)


def test_a_budget_that_is_used_up_pays_for_no_question_more():
    campaign = running(grace_seconds=600, items=10, page_size=5, price=10, budget=10, redundancy=2)
    page = page_of(campaign)
    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"skip": ""}, p1={"skip": ""}))
    campaign.page_size, campaign.price = 1, 4
    campaign.save()
    work.lease(campaign, worker=worker_of(campaign))

    with pytest.raises(CannotChange, match="no money left"):
        flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"broken": "x"}, p1={"broken": "x"}))

    assert held(campaign) == 10


def test_an_answer_taken_back_has_the_campaign_combined_again():
    campaign = running(grace_seconds=600, items=2, page_size=2, redundancy=1)
    page = page_of(campaign)
    quality.combine(campaign)

    flow.change(page.pk, worker=page.worker, answers=given_for(page, p0={"skip": ""}))
    quality.combine(campaign)

    assert campaign.consensus.count() == 1


@settings(max_examples=25, deadline=None)
@given(
    steps_taken=st.lists(
        st.lists(
            st.sampled_from([{"answer": "cat"}, {"answer": "dog"}, {"skip": ""}, {"broken": "x"}]),
            min_size=4,
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_changed_the_money_and_the_counters_are_those_of_the_last_answers(steps_taken):
    with transaction.atomic():
        campaign = running(grace_seconds=600, items=4, page_size=4, price=10, redundancy=2, broken_after=9)
        page = page_of(campaign)
        let_go = set()
        for wished in steps_taken:
            ways = [{"skip": ""} if n in let_go and "answer" in way else way for n, way in enumerate(wished)]
            let_go |= {n for n, way in enumerate(ways) if "answer" not in way}
            flow.change(
                page.pk, worker=page.worker, answers=given_for(page, **{f"p{n}": w for n, w in enumerate(ways)})
            )

        page.refresh_from_db()
        paid = sum("skip" not in way for way in ways)
        judged = sum("answer" in way for way in ways)
        assert page.pay == page.held == held(campaign) == (10 * paid * 2 + 4) // 8
        assert sorted(Task.objects.filter(campaign=campaign).values_list("taken", "judged")) == sorted(
            [(1, 1)] * judged + [(0, 0)] * (4 - judged)
        )
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_review_waits_for_a_change_that_is_under_way():
    campaign = running(
        grace_seconds=600, items=4, gold=4, page_size=2, least_gold_answers=1, early_gold=2, gold_share=0.5
    )
    Task.objects.filter(pk__in=Task.objects.values("pk")[:2]).update(gold=False, wanted=3)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold="dog"))
    proposals = []

    def review():
        try:
            proposals.append(quality.review(Assignment.objects.get(pk=page.pk)).proposal)
        finally:
            connection.close()

    with transaction.atomic():
        flow.change(page.pk, worker=worker, answers=given_for(page))
        beside = threading.Thread(target=review)
        beside.start()
        beside.join(0.3)
        waited = beside.is_alive()
    beside.join(10)

    assert (waited, proposals) == (True, ["approve"])
