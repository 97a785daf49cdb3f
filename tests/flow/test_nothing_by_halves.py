"""A verdict without what is owed for it, or a hand-in that nobody is told of, can't be."""

import pytest
from django.db import IntegrityError, connection

from apps.core import clock
from apps.ledger.models import Budget
from apps.payments.models import Obligation
from apps.pipeline import flow, schedule, steps
from apps.pipeline.motor import Next
from apps.quality import services as quality
from apps.work import services as work
from apps.work.models import Assignment
from tests.factories import UserFactory
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def with_books_that_refuse() -> Assignment:
    """Return a page handed in whose debt can't be booked: what it should hold is not held."""
    page = handed_in(running())
    Budget.objects.update(held=0)
    return page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_rule", [True, False])
def test_after_a_debt_that_cannot_be_booked_the_page_still_waits(by_rule):
    page = with_books_that_refuse()
    review = quality.review(page)

    with pytest.raises(IntegrityError):
        if by_rule:
            steps.settle(page.pk)
        else:
            flow.decide(review, verdict="approve", by=UserFactory())

    page.refresh_from_db()
    assert page.state == "submitted"
    assert not Obligation.objects.exists()


def test_what_is_handed_in_is_sent_to_be_settled(django_capture_on_commit_callbacks):
    campaign = running()
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))

    with django_capture_on_commit_callbacks() as sent:
        flow.submit(page.pk, worker=worker, answers=answered(page))

    assert len(sent) == 1


def test_the_sweep_is_on_the_schedule_and_finds_an_overdue_lease():
    sweep = next(entry for entry in schedule.ENTRIES if entry.name == "sweep")
    page = work.lease(campaign := running(), worker=worker_of(campaign))
    Assignment.objects.update(expires_at=clock.now())

    assert sweep.every_seconds <= 60
    assert sweep.run is schedule.sweep
    assert Next("expire", page.pk) in list(schedule.outstanding())


def test_messages_that_a_worker_never_finished_are_told_in_the_log(caplog):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dramatiq.queue (message_id, queue_name, state, message, consumed_at)"
            " VALUES (gen_random_uuid(), 'judge', 'consumed', '{}', now() - interval '16 minutes')"
        )

    assert schedule.alarm() == 1
    assert "1 messages were taken" in caplog.text


def test_pages_of_a_moment_are_two_hints_and_settled_together(django_capture_on_commit_callbacks):
    campaign = running(items=20)
    pages = []
    with django_capture_on_commit_callbacks() as sent:
        for _ in range(3):
            page = work.lease(campaign, worker=(worker := worker_of(campaign)))
            pages.append(flow.submit(page.pk, worker=worker, answers=answered(page)))

    steps.settle_all(campaign.pk)

    assert len(sent) == 2  # the first page's at once, and one for all that follow within a moment
    assert {state for (state,) in Assignment.objects.values_list("state")} == {"approved"}
    assert Obligation.objects.count() == len(pages)


def test_a_page_that_cannot_be_settled_holds_up_no_other(caplog):
    page = with_books_that_refuse()

    assert steps.settle_all(page.campaign_id) == [Next("settle", page.pk)]
    assert str(page.pk) in caplog.text
