"""From an organization's limit on a rejection needs two people; if nobody agrees in time, the page is paid."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.core import clock
from apps.members.models import Role
from apps.payments.models import Obligation
from apps.pipeline import flow
from apps.quality import services
from apps.quality.models import RejectionPolicy, Review
from tests import belt
from tests.factories import member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db

WHY = "all the same"


def handed(pages=3, limit=None):
    """Return the reviews of some pages of 40 cents each, and two people who may decide them."""
    campaign = running(items=12, gold=0, gold_share=0, early_gold=0, page_size=4, redundancy=1, price=40)
    if limit is not None:
        RejectionPolicy.objects.create(organization=campaign.organization, currency="USD", second_person_from=limit)
    reviews = [services.review(handed_in(campaign)) for _ in range(pages)]
    return reviews, *(member(campaign.organization, Role.REVIEWER) for _ in range(2))


def test_without_a_limit_one_person_rejects():
    [review], one, _ = handed(1)

    assert flow.decide(review, verdict="reject", reason=WHY, by=one).verdict == "reject"


def test_below_the_limit_one_person_rejects_and_with_what_reaches_it_does_not():
    [first, second, third], one, _ = handed(3, limit=100)

    verdicts = [flow.decide(each, verdict="reject", reason=WHY, by=one).verdict for each in (first, second, third)]

    assert verdicts == ["reject", "reject", ""]


def test_what_one_rejected_counts_for_a_day_and_for_that_person_alone():
    [first, second, third], one, two = handed(3, limit=80)
    flow.decide(first, verdict="reject", reason=WHY, by=one)

    others = flow.decide(second, verdict="reject", reason=WHY, by=two).verdict
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        next_day = flow.decide(third, verdict="reject", reason=WHY, by=one).verdict

    assert (others, next_day) == ("reject", "reject")


def test_the_second_person_needs_no_other_reason():
    [review], one, two = handed(1, limit=0)
    flow.decide(review, verdict="reject", reason=WHY, by=one)

    decided = flow.decide(review, verdict="reject", by=two)

    assert (decided.verdict, decided.reason, decided.asked_by, decided.decided_by) == ("reject", WHY, one, two)


def test_the_database_lets_nobody_agree_with_themselves():
    [review], one, _ = handed(1, limit=0)
    flow.decide(review, verdict="reject", reason=WHY, by=one)

    with pytest.raises(IntegrityError, match="rejection_confirmed_by_another"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(verdict="reject", decided_by=one, decided_at=clock.now())


def test_if_nobody_agrees_in_time_the_page_is_paid():
    [review], one, _ = handed(1, limit=0)
    flow.decide(review, verdict="reject", reason=WHY, by=one)

    with time_machine.travel(review.approve_at + timedelta(minutes=1)):
        belt.run()

    review.refresh_from_db()
    assert (review.verdict, review.decided_by) == ("approve", None)
    assert Obligation.objects.get().assignment_id == review.assignment_id


def test_neither_of_the_two_decides_a_dispute_over_it():
    [review], one, two = handed(1, limit=0)
    for by in (one, two):
        flow.decide(review, verdict="reject", reason=WHY, by=by)
    page = review.assignment
    page.refresh_from_db()
    dispute = services.dispute(page, worker=page.worker, text="They differ.")

    for by in (one, two):
        with pytest.raises(services.SamePerson):
            flow.decide_dispute(dispute, outcome="upheld", reason=WHY, by=by)
