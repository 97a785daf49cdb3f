"""Reviews in the admin: a page's answers beside gold, and a verdict by a person."""

import html
import re
from datetime import timedelta

import pytest
import time_machine

from apps.console.admin import quality as quality_pages
from apps.core import clock
from apps.members.models import Role, Trail
from apps.payments.models import Obligation
from apps.quality import services as quality
from apps.quality.models import Adjudication, Consensus, RejectionPolicy, Review
from apps.work.models import Assignment
from tests import belt
from tests.console.house import client_of, page
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def put_up_for_rejection() -> Review:
    """Return the review of a page whose gold answers were wrong."""
    campaign = running(
        items=6, gold=2, gold_share=0.5, early_gold=2, page_size=4, least_gold_answers=1, redundancy=1, price=40
    )
    review = quality.review(handed_in(campaign, answer="cat", on_gold="dog"))
    assert review.proposal == Review.Verdict.REJECT
    return review


def reviewer_of(review: Review):
    return client_of(review.assignment.organization, Role.REVIEWER)


def test_the_list_holds_what_waits_for_a_person():
    review = put_up_for_rejection()
    browser = reviewer_of(review)

    waiting = browser.get(page(Review)).context["cl"].result_list
    rejected = browser.get(page(Review), {"decided": "rejected"}).context["cl"].result_list

    assert [one.pk for one in waiting] == [review.pk]
    assert list(rejected) == []


def test_the_page_shows_each_answer_and_gold_beside_it():
    review = put_up_for_rejection()

    response = reviewer_of(review).get(page(review, "change"))

    shown = response.context["answers"]
    gold = [one for one in shown if one.known]
    assert len(shown) == 4
    assert [(one.answer, one.known, one.right) for one in gold] == [("dog", ["cat"], False)] * len(gold)
    assert gold
    assert "What is item" in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "settings", "known", "given", "right", "partly"),
    [
        ("free_text", {}, "No Entry", "no  entry", True, ""),
        ("free_text", {}, "No entry", "No entri", False, "88%"),
        ("free_text", {}, "No entry", "xxxx", False, ""),
        ("number", {"least": 0, "most": 100, "tolerance": 2}, 40, 41, True, ""),
        ("multiple_choice", {"options": ["a", "b"]}, ["a", "b"], ["b", "a"], True, ""),
        ("multiple_choice", {"options": ["a", "b", "c"]}, ["a", "b", "c"], ["a", "b"], False, "67%"),
        ("rating", {"lowest": 1, "highest": 5, "tolerance": 1}, 4, 5, True, ""),
    ],
)
def test_an_answer_to_gold_is_right_as_its_kind_means_it_and_not_by_its_letters(
    kind, settings, known, given, right, partly
):
    settings = {"question": "What is it?", **settings}
    campaign = running(items=3, gold=1, gold_share=0.5, redundancy=1, page_size=2, kind=kind, settings=settings)
    campaign.gold.update(answers=[known])
    review = quality.review(handed_in(campaign, answer=given, on_gold=given))
    Review.objects.filter(pk=review.pk).update(proposal="reject")

    response = reviewer_of(review).get(page(review, "change"))

    shown = [(one.right, one.partly) for one in response.context["answers"] if one.known]
    assert shown == [(right, partly)]
    assert response.content.decode().count("not that") == (not right and not partly)


def test_an_approved_page_is_owed_in_two_minutes():
    review = put_up_for_rejection()
    browser = reviewer_of(review)

    browser.post(page(review, "change"), {"verdict": "approve", "reason": ""})
    belt.run()
    assert not Obligation.objects.exists()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        belt.run()

    assert Assignment.objects.get(pk=review.assignment_id).state == "approved"
    assert Obligation.objects.get().assignment_id == review.assignment_id


def test_a_rejection_without_a_reason_is_refused_with_a_sentence():
    review = put_up_for_rejection()

    response = reviewer_of(review).post(page(review, "change"), {"verdict": "reject", "reason": " "})

    assert "A rejection needs a written reason" in response.content.decode()
    assert Assignment.objects.get(pk=review.assignment_id).state == "submitted"


def test_a_rejection_with_a_reason_is_on_the_trail_under_the_reviewers_name():
    review = put_up_for_rejection()
    browser = reviewer_of(review)

    browser.post(page(review, "change"), {"verdict": "reject", "reason": "Both gold answers are wrong."})

    line = Trail.objects.get(verb="reject")
    assert Assignment.objects.get(pk=review.assignment_id).state == "rejected"
    assert line.reason == "Both gold answers are wrong."
    assert str(line.actor_id) == browser.session["_auth_user_id"]


def test_a_rejection_can_be_overturned():
    review = put_up_for_rejection()
    browser = reviewer_of(review)
    browser.post(page(review, "change"), {"verdict": "reject", "reason": "Wrong."})

    browser.post(page(review, "change"), {"verdict": "approve", "reason": "It was right after all."})

    assert Assignment.objects.get(pk=review.assignment_id).state == "approved"
    assert Obligation.objects.count() == 1


def test_a_requester_looks_on_and_decides_nothing():
    review = put_up_for_rejection()
    browser = client_of(review.assignment.organization, Role.REQUESTER)

    shown = browser.get(page(review, "change")).content.decode()
    answered = browser.post(page(review, "change"), {"verdict": "approve", "reason": ""})

    assert "Approve and pay" not in shown
    assert answered.status_code == 403
    assert Assignment.objects.get(pk=review.assignment_id).state == "submitted"


def test_an_approval_is_taken_back_where_it_is_told():
    review = put_up_for_rejection()
    browser = reviewer_of(review)

    done = browser.post(page(review, "change"), {"verdict": "approve", "reason": ""}, follow=True)
    browser.post(back_of(done))
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        belt.run()

    assert "1 page is paid in 2 minutes." in done.content.decode()
    assert not Obligation.objects.exists()


def two_put_up() -> list[Review]:
    """Return two reviews of one campaign that wait, the first one paid first."""
    campaign = running(
        items=8, gold=2, gold_share=0.5, early_gold=2, page_size=4, least_gold_answers=1, redundancy=2, price=40
    )
    return [quality.review(handed_in(campaign, answer="cat", on_gold="dog")) for _ in range(2)]


def test_after_a_verdict_the_next_page_opens_by_itself():
    first, second = two_put_up()
    browser = reviewer_of(first)

    to_second = browser.post(page(first, "change"), {"verdict": "approve", "reason": ""})
    to_list = browser.post(page(second, "change"), {"verdict": "approve", "reason": ""})

    assert (to_second["Location"], to_list["Location"]) == (page(second, "change"), page(Review))


def test_what_others_answered_stands_beside_each_answer():
    first, second = two_put_up()
    quality.combine(first.assignment.campaign)

    shown = reviewer_of(first).get(page(first, "change")).context["answers"]

    both = {one.task for one in shown} & set(second.assignment.places.values_list("task", flat=True))
    assert both
    assert all(one.others for one in shown if one.task in both)
    assert any(one.label == "cat" for one in shown)


def test_many_are_rejected_for_one_written_reason_and_it_can_be_taken_back():
    reviews = two_put_up()
    browser = reviewer_of(reviews[0])
    chosen = {"action": "reject_chosen", "_selected_action": [str(one.pk) for one in reviews]}

    asked = browser.post(page(Review), chosen)["Location"]
    unreasoned = browser.post(asked, {"reason": ""})
    done = browser.post(asked, {"reason": "Both gold answers are wrong."}, follow=True)

    assert "This field is required" in unreasoned.content.decode()
    assert set(Review.objects.values_list("verdict", "reason")) == {("reject", "Both gold answers are wrong.")}
    back = re.search(r'href="([^"]+)">Take it back', done.content.decode())
    browser.post(html.unescape(back[1]))
    assert set(Review.objects.values_list("verdict", flat=True)) == {"approve"}
    assert Obligation.objects.count() == 2


def test_who_chooses_more_than_go_at_once_is_told_how_many_are_left(monkeypatch):
    monkeypatch.setattr(quality_pages, "MOST_AT_ONCE", 1)
    reviews = two_put_up()
    browser = reviewer_of(reviews[0])
    chosen = {"action": "approve_chosen", "_selected_action": [str(one.pk) for one in reviews]}

    asked = browser.post(page(Review), chosen, follow=True).content.decode()

    assert "Approve and pay 1 pages?" in asked
    assert "1 of the chosen are left" in asked


def test_pages_of_another_organization_are_not_decided_by_the_many():
    mine, theirs = put_up_for_rejection(), put_up_for_rejection()
    address = f"/admin/quality/review/many/?verdict=reject&ids={theirs.pk}"

    reviewer_of(mine).post(address, {"reason": "Because."})

    theirs.refresh_from_db()
    assert theirs.verdict == ""


def test_who_may_only_look_decides_nothing():
    review = put_up_for_rejection()
    address = f"/admin/quality/review/many/?verdict=reject&ids={review.pk}"

    response = client_of(review.assignment.organization, Role.REQUESTER).post(address, {"reason": "Because."})

    review.refresh_from_db()
    assert (response.status_code, review.verdict) == (403, "")


def back_of(response) -> str:
    """Return the address under *Take it back*."""
    return html.unescape(re.search(r'href="([^"]+)">Take it back', response.content.decode())[1])


def test_many_approvals_can_be_taken_back_for_a_moment():
    reviews = two_put_up()
    browser = reviewer_of(reviews[0])
    chosen = {"action": "approve_chosen", "_selected_action": [str(one.pk) for one in reviews]}

    asked = browser.post(page(Review), chosen)["Location"]
    done = browser.post(asked, {}, follow=True)
    belt.run()
    assert not Obligation.objects.exists()
    browser.post(back_of(done))
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        belt.run()

    assert not Obligation.objects.exists()
    assert set(Review.objects.values_list("verdict", "asked")) == {("", "")}
    assert {one.approve_at for one in Review.objects.all()} == {one.approve_at for one in reviews}


def test_many_approvals_are_carried_out_after_that_in_the_name_of_who_gave_them():
    reviews = two_put_up()
    browser = reviewer_of(reviews[0])

    browser.post(f"/admin/quality/review/many/?verdict=approve&ids={reviews[0].pk},{reviews[1].pk}")
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        belt.run()

    assert Obligation.objects.count() == 2
    decided_by = set(Review.objects.values_list("decided_by", flat=True))
    assert [str(pk) for pk in decided_by] == [browser.session["_auth_user_id"]]


def test_above_the_limit_a_second_person_has_to_agree_with_a_rejection():
    review = put_up_for_rejection()
    RejectionPolicy.objects.create(
        organization=review.assignment.organization, currency="USD", second_person_from=review.assignment.pay
    )
    first, second = reviewer_of(review), reviewer_of(review)
    verdict = {"verdict": "reject", "reason": "Both gold answers are wrong."}

    said = first.post(page(review, "change"), verdict, follow=True).content.decode()
    first.post(page(review, "change"), verdict)
    assert "a second one has to agree" in said
    assert Assignment.objects.get(pk=review.assignment_id).state == "submitted"
    waiting = second.get(page(Review), {"decided": "second"}).context["cl"].result_list
    assert [one.pk for one in waiting] == [review.pk]
    second.post(page(review, "change"), {"verdict": "reject", "reason": verdict["reason"]})

    review.refresh_from_db()
    assert Assignment.objects.get(pk=review.assignment_id).state == "rejected"
    assert [str(review.asked_by_id), str(review.decided_by_id)] == [
        browser.session["_auth_user_id"] for browser in (first, second)
    ]
    told = Trail.objects.filter(subject=f"assignment:{review.assignment_id}").order_by("pk")
    assert list(told.values_list("verb", flat=True)) == ["ask to reject", "reject"]


def test_who_wanted_a_page_rejected_can_take_that_back():
    review = put_up_for_rejection()
    RejectionPolicy.objects.create(organization=review.assignment.organization, currency="USD", second_person_from=0)
    browser = reviewer_of(review)
    browser.post(page(review, "change"), {"verdict": "reject", "reason": "Wrong."})

    browser.post(page(review, "change"), {"verdict": "take back", "reason": ""})

    review.refresh_from_db()
    assert (review.verdict, review.asked, review.reason) == ("", "", "")


def test_a_reviewer_corrects_an_answer_with_the_widget_of_its_kind():
    first, _second = two_put_up()
    quality.combine(first.assignment.campaign)
    browser = reviewer_of(first)
    place = next(one for one in browser.get(page(first, "change")).context["answers"] if not one.known)
    address = f"{page(first.assignment.campaign, 'task')}?task={place.task}&review={first.pk}"

    shown = browser.get(address).content.decode()
    refused = browser.post(address, {"answer.value": "owl"}).content.decode()
    back = browser.post(address, {"answer.value": "dog", "note": "It barks."})

    assert 'name="answer.value"' in shown
    assert "owl" in refused
    said = Adjudication.objects.get(task=place.task)
    assert (said.answer, said.note, str(said.by_id)) == ("dog", "It barks.", browser.session["_auth_user_id"])
    assert Consensus.objects.get(task=place.task).answer == "dog"
    assert back["Location"] == f"{page(first, 'change')}#task-{place.task}"
    again = browser.get(page(first, "change")).context["answers"]
    assert [(one.label, bool(one.settled)) for one in again if one.task == place.task] == [("dog", True)]
