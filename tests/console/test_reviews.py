"""Reviews in the admin: a page's answers beside gold, and a verdict by a person."""

import pytest

from apps.members.models import Role, Trail
from apps.payments.models import Obligation
from apps.quality import services as quality
from apps.quality.models import Review
from apps.work.models import Assignment
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


def test_an_approved_page_is_owed():
    review = put_up_for_rejection()

    reviewer_of(review).post(page(review, "change"), {"verdict": "approve", "reason": ""})

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
