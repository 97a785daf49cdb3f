"""Reports of broken items are paid by rule as long as they are few; a person looks at who makes many of them."""

import pytest

from apps.payments.models import Obligation
from apps.quality import services as quality
from apps.quality.models import Review
from apps.quality.queries import gold_score
from apps.quality.suspicions import suspicions
from apps.work import services as work
from apps.work.models import Place, Task
from tests import belt
from tests.factories import UserFactory
from tests.running import handed_in, launched, report_everything, reported, running, tokens, work_through, worker_of

pytestmark = pytest.mark.django_db


def test_two_who_report_everything_are_neither_paid_by_rule_nor_end_the_campaign():
    campaign = launched(items=30, gold=10, gold_share=0.3, early_gold=2, page_size=5, price=10, redundancy=2)
    workers = [worker_of(campaign) for _ in range(2)]

    for worker in workers:
        report_everything(campaign, worker)
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert not Obligation.objects.exists()
    assert set(Review.objects.values_list("proposal", "verdict")) == {("reject", "")}
    said = suspicions(campaign)
    assert {(one.sign, one.workers[0]) for one in said} == {("reports", worker) for worker in workers}


def test_a_few_reports_among_answers_are_paid_by_rule():
    campaign = running(items=40, page_size=10, redundancy=1)
    worker = worker_of(campaign)

    for _ in range(2):
        assert quality.review(reported(campaign, worker, of=3)).proposal == "approve"

    assert not suspicions(campaign)


@pytest.mark.parametrize(("share", "proposal"), [(0.2, "reject"), (0.9, "approve")])
def test_the_campaign_says_from_which_share_a_person_looks(share, proposal):
    campaign = running(items=20, page_size=20, redundancy=1, most_reported=share)

    review = quality.review(reported(campaign, of=10))

    assert review.proposal == proposal
    assert ("reported 10 of 20 questions as broken; the campaign expects at most 20%" in review.grounds) == (
        proposal == "reject"
    )


def test_only_pages_with_reports_wait():
    campaign = running(items=20, page_size=10, redundancy=1)
    worker = worker_of(campaign)
    reported(campaign, worker)

    assert quality.review(handed_in(campaign, worker)).proposal == "approve"


def test_a_report_of_gold_is_a_miss_once_others_answered_it():
    campaign = running(items=20, gold=10, gold_share=0.5, early_gold=5, page_size=10, redundancy=2, most_reported=1.0)
    worker = worker_of(campaign)
    page = reported(campaign, worker)
    assert gold_score(worker, campaign=campaign).answers == 0

    work_through(campaign)

    score = gold_score(worker, campaign=campaign)
    assert (score.answers, score.accuracy) == (5, 0.0)
    assert quality.review(page).proposal == "reject"


def test_a_rejected_page_takes_its_reports_along_and_its_tasks_are_offered_again():
    campaign = running(items=3, page_size=3, price=10, redundancy=1, broken_after=2)
    one, other = reported(campaign), reported(campaign)
    assert set(Task.objects.values_list("state", flat=True)) == {"broken"}

    quality.decide(quality.review(other), verdict="reject", reason="they are not broken", by=UserFactory())

    assert set(Task.objects.values_list("state", flat=True)) == {"open"}
    assert set(Place.objects.filter(assignment=other).values_list("state", flat=True)) == {"heard"}
    assert set(Place.objects.filter(assignment=one).values_list("state", flat=True)) == {"broken"}
    handed_in(campaign)
    assert set(Task.objects.values_list("judged", flat=True)) == {1}


def test_a_rejected_page_leaves_broken_what_others_reported_often_enough():
    campaign = running(items=1, page_size=1, redundancy=5, broken_after=2)
    pages = [work.lease(campaign, worker=worker_of(campaign)) for _ in range(3)]
    for page in pages:
        work.submit(page.pk, worker=page.worker, answers={tokens(page)[0]: {"broken": "x"}})

    quality.decide(quality.review(pages[0]), verdict="reject", reason="it is not", by=UserFactory())

    assert Task.objects.get().state == "broken"


def turned(page):
    """Have a page rejected, and the rejection turned."""
    quality.decide(quality.review(page), verdict="reject", reason="it is not", by=UserFactory())
    yield
    quality.decide(quality.review(page), verdict="approve", reason="it was right", by=UserFactory())


def states(of):
    return set(of.objects.values_list("state", flat=True))


def test_reports_count_as_before_once_the_rejection_of_their_page_is_turned():
    campaign = running(items=3, page_size=3, price=10, redundancy=1, broken_after=2)
    reported(campaign)
    other = reported(campaign)

    for _ in turned(other):
        assert states(Task) == {"open"}

    assert (states(Task), states(Place)) == ({"broken"}, {"broken"})


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_reports_that_somebody_looked_into_stay_heard_as_the_rejection_is_turned(when):
    campaign = running(items=1, page_size=1, price=10, redundancy=3, broken_after=2)
    reported(campaign)
    other = reported(campaign)
    if when == "before":
        work.put_back(Task.objects.get())

    for _ in turned(other):
        if when == "meanwhile":
            reported(campaign)
            work.put_back(Task.objects.get())

    assert (states(Task), states(Place)) == ({"open"}, {"heard"})


def test_what_others_answered_meanwhile_is_not_broken_by_a_rejection_that_is_turned():
    campaign = running(items=1, page_size=1, price=10, redundancy=1, broken_after=2)
    reported(campaign)
    other = reported(campaign)

    for _ in turned(other):
        handed_in(campaign)

    assert states(Task) == {"open"}
    assert set(other.places.values_list("state", flat=True)) == {"broken"}
