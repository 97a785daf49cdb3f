"""A rejected page can be disputed once, in time; a second person decides, and pay and score follow."""

from datetime import timedelta

import pytest
import time_machine

from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import queries as ledger
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import flow, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import services
from apps.quality.models import Dispute
from apps.work import services as work
from apps.work.models import Assignment, Judgment, Task
from tests.factories import UserFactory
from tests.running import handed_in, reported, running, worker_of

pytestmark = pytest.mark.django_db


def rejected(**values) -> Assignment:
    page = handed_in(running(redundancy=2, **values))
    services.decide(services.review(page), verdict="reject", reason="cats are not dogs", by=UserFactory())
    return Assignment.objects.get(pk=page.pk)


def disputed(**values) -> Dispute:
    page = rejected(**values)
    return services.dispute(page, worker=page.worker, text="They are cats.")


def days_later(days: float):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


def test_a_dispute_keeps_the_money_held_and_says_so_on_the_trail():
    page = rejected()
    with days_later(29):
        opened = services.dispute(page, worker=page.worker, text=" They are cats. ")

    page.refresh_from_db()
    assert opened.text == "They are cats."
    assert page.held == page.pay > 0
    assert page.disputable_until > opened.decide_by
    line = Trail.objects.get(verb="dispute", subject=f"assignment:{page.pk}")
    assert (line.reason, line.data) == ("", {})  # what it says is forgotten with who wrote it


def test_a_page_is_disputed_once():
    first = disputed()

    again = services.dispute(first.assignment, worker=first.assignment.worker, text="And I mean it.")

    assert (again.pk, again.text) == (first.pk, "They are cats.")


def test_nobody_disputes_another_workers_page_or_one_that_was_not_rejected():
    page, other = rejected(), handed_in(running())

    with pytest.raises(services.CannotDispute, match="not yours"):
        services.dispute(page, worker=other.worker, text="They are cats.")
    with pytest.raises(services.CannotDispute, match="only a rejected one"):
        services.dispute(other, worker=other.worker, text="They are cats.")
    with pytest.raises(services.CannotDispute, match="say what is wrong"):
        services.dispute(page, worker=page.worker, text="  ")


def test_a_page_whose_time_is_over_is_not_disputed():
    page = rejected()

    with days_later(31), pytest.raises(services.CannotDispute, match="could be disputed until"):
        services.dispute(page, worker=page.worker, text="They are cats.")


def test_who_rejected_the_page_does_not_decide_the_dispute():
    opened = disputed()

    for outcome in Dispute.Outcome.values:
        with pytest.raises(services.SamePerson):
            services.decide_dispute(opened, outcome=outcome, reason="no", by=opened.rejected_by)

    assert Dispute.objects.get().outcome == ""


def test_an_overturned_rejection_is_paid_and_its_answers_count_again():
    opened = disputed()
    page = opened.assignment
    before = services.combine(page.campaign)

    flow.decide_dispute(opened, outcome="overturned", reason="Cats they are.", by=UserFactory())

    page.refresh_from_db()
    after = services.combine(page.campaign)
    assert (page.state, page.held) == ("approved", 0)
    assert Obligation.objects.get(assignment=page).amount == page.pay
    assert Judgment.objects.filter(place__assignment=page, counted=True).count() == page.places_count
    assert after.changes_combined == before.changes_combined + 1
    assert page.worker.skills.filter(scope=page.campaign.key).exists()
    assert Dispute.objects.get().reason == "Cats they are."


def test_an_upheld_rejection_lets_the_money_go_at_once_and_is_not_disputed_again():
    opened = disputed()
    page = opened.assignment

    flow.decide_dispute(opened, outcome="upheld", reason="Three of four are dogs.", by=UserFactory())
    steps.release(page.pk)

    page.refresh_from_db()
    assert (page.state, page.held) == ("rejected", 0)
    assert ledger.budget(page.campaign.key).held == 0
    assert services.dispute(page, worker=page.worker, text="Still cats.").outcome == "upheld"
    with pytest.raises(IllegalMove, match="decided already"):
        services.decide_dispute(opened, outcome="overturned", reason="Oh well.", by=UserFactory())


def test_upholding_needs_a_reason():
    with pytest.raises(services.NoReason):
        services.decide_dispute(disputed(), outcome="upheld", reason=" ", by=UserFactory())


def test_a_dispute_that_nobody_decides_in_time_is_found_and_paid_once():
    opened = disputed()
    page = opened.assignment
    due = ("concede", opened.pk)
    assert due not in {(next_.step, next_.pk) for next_ in outstanding()}

    with days_later(7.5):
        assert due in {(next_.step, next_.pk) for next_ in outstanding()}
        steps.concede(opened.pk)
        steps.concede(opened.pk)

    page.refresh_from_db()
    assert page.state == "approved"
    assert Obligation.objects.filter(assignment=page).count() == 1
    assert Dispute.objects.get().decided_by is None


def test_a_dispute_is_not_conceded_before_its_deadline():
    opened = disputed()

    assert steps.concede(opened.pk) == []

    assert Assignment.objects.get(pk=opened.assignment_id).state == "rejected"


def test_a_rejection_overturned_on_the_reviews_page_closes_its_dispute():
    opened = disputed()

    flow.decide(opened.assignment.review, verdict="approve", reason="My mistake.", by=opened.rejected_by)

    assert Dispute.objects.get().outcome == "overturned"


def test_a_page_that_holds_no_more_can_t_be_kept_held():
    opened = disputed()
    flow.decide_dispute(opened, outcome="overturned", reason="Cats.", by=UserFactory())

    with pytest.raises(IllegalMove, match="nothing to keep"):
        work.hold_until(opened.assignment, until=clock.now())


def test_a_report_that_counts_again_takes_a_task_out_though_somebody_has_it_in_hand():
    campaign = running(items=1, page_size=1, redundancy=1, broken_after=2)
    page = reported(campaign)
    review = services.decide(services.review(page), verdict="reject", reason="It plays.", by=UserFactory())
    reported(campaign)
    in_hand = work.lease(campaign, worker=worker_of(campaign))
    assert Task.objects.get().state == "open"

    services.decide(review, verdict="approve", reason="It does not.", by=review.decided_by)

    assert Task.objects.get().state == "broken"
    assert in_hand.places.get().state == "open"
