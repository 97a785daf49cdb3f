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
    back = asked.replace("verdict=reject", "verdict=approve")
    assert "Take it back" in done.content.decode()
    browser.post(back)
    assert set(Review.objects.values_list("verdict", flat=True)) == {"approve"}
    assert Obligation.objects.count() == 2


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
