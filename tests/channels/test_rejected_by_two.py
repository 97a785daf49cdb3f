"""A rejection above the organization's limit, of a slot at a market: two people reject it, the market is told once."""

from datetime import timedelta

import pytest

from apps.channels import queries
from apps.channels.models import Claim, Intent
from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow
from apps.quality import services as quality
from apps.work.models import Assignment
from tests.channels.faults import AFTER, between, fine
from tests.channels.market import launched, looked_at, worked
from tests.factories import member

pytestmark = pytest.mark.django_db

WHY = "Every answer is empty, though the guidelines ask for one."
DAY = 86_400


@pytest.fixture
def waiting(market):
    """Return a slot of 10 cents that was handed in and waits for a verdict, and two people; 10 cents need both."""
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=7 * DAY)
    one, two = (member(campaign.organization, "reviewer") for _ in range(2))
    quality.set_rejection_limit(campaign.organization, currency="USD", second_person_from=10, by=member(
        campaign.organization, "admin"))  # fmt: skip
    return worked(market), one, two


def reject(frame, by, reason=WHY):
    return flow.decide(frame.claim().page.review, verdict="reject", reason=reason, by=by).verdict


def at_market(frame):
    """Return what became of the slot at its market, and the reason that its worker reads there."""
    page = Assignment.objects.get(pk=frame.held.pk)
    return page.state, page.review.reason if page.state == "rejected" else ""


def told(verb="reject"):
    """Return how often the market was told, or is to be told."""
    return Intent.objects.filter(verb=verb).count()


def test_the_market_is_told_nothing_until_a_second_person_rejects_and_then_once_with_the_first_ones_reason(
    waiting, market
):
    frame, one, two = waiting
    assert reject(frame, one) == ""
    looked_at()
    assert (told(), at_market(frame), frame.claim().verdict) == (0, ("submitted", ""), "submitted")

    assert reject(frame, two, reason="") == "reject"
    for _ in range(3):
        looked_at()

    assert (told(), at_market(frame), frame.claim().verdict) == (1, ("rejected", WHY), "rejected")
    review = frame.claim().page.review
    assert (review.reason, review.asked_by, review.decided_by) == (WHY, one, two)
    lines = Trail.objects.filter(subject=f"assignment:{review.assignment_id}").order_by("at")
    assert [(line.verb, line.actor, line.reason) for line in lines] == [
        ("ask to reject", one, WHY), ("reject", two, WHY),
    ]  # fmt: skip
    # Its money stays held till nobody can dispute it, and its place is offered again.
    assert queries.free(queries.of(review.assignment.campaign)) == 1
    assert Budget.objects.get(owner=review.assignment.campaign.key).held == 20
    assert (Settlement.objects.count(), Obligation.objects.count(), books.imbalances()) == (0, 0, [])


@pytest.mark.parametrize("fault", AFTER, ids=lambda fault: fault.__name__)
def test_the_market_rejects_it_once_though_the_answer_is_lost(waiting, market, fault):
    frame, one, two = waiting
    reject(frame, one)
    reject(frame, two)
    lost = iter([fault])

    def lose(request):
        return (next(lost, fine) if "RejectAssignment" in str(request.headers["X-Amz-Target"]) else fine)(request)

    between(market.client(), iter(lambda: lose, None))
    for _ in range(3):
        looked_at()

    assert (told(), at_market(frame), frame.claim().verdict) == (1, ("rejected", WHY), "rejected")
    assert Trail.objects.filter(verb="reject", organization=market.organization).count() == 1


def test_the_same_person_is_no_second_one_however_often_they_reject(waiting):
    frame, one, _ = waiting

    assert [reject(frame, one, reason=f"{WHY} {n}") for n in range(3)] == ["", "", ""]
    looked_at()

    assert (told(), at_market(frame)) == (0, ("submitted", ""))


def test_where_nobody_agrees_in_time_it_is_approved_at_the_market_too_and_paid_once(waiting, market, time_machine):
    frame, one, _ = waiting
    reject(frame, one)

    time_machine.move_to(clock.now() + timedelta(days=7, hours=1))
    for _ in range(3):
        looked_at()

    assert (told(), at_market(frame)) == (0, ("approved", ""))
    assert Settlement.objects.get().obligation.amount == 10
    assert Obligation.objects.filter(organization=market.organization).count() == 1
    assert books.imbalances() == []


def test_what_the_market_paid_by_itself_before_the_second_person_came_stays_paid(waiting, market):
    frame, one, two = waiting
    reject(frame, one)
    market.approve(frame)
    looked_at()

    with pytest.raises(IllegalMove):
        reject(frame, two)
    looked_at()

    assert (told(), at_market(frame), frame.claim().page.state) == (0, ("approved", ""), "approved")
    assert Settlement.objects.get().obligation.assignment == frame.claim().page


@pytest.mark.parametrize("by", [0, 1, 2], ids=["who asked", "who agreed", "another"])
def test_it_is_turned_within_thirty_days_by_one_person_and_paid_once_on_both_sides(waiting, market, time_machine, by):
    frame, one, two = waiting
    reject(frame, one)
    reject(frame, two)
    looked_at()
    campaign = frame.claim().page.campaign
    time_machine.move_to(clock.now() + timedelta(days=28))

    turns = (one, two, member(campaign.organization, "reviewer"))[by]
    flow.decide(frame.claim().page.review, verdict="approve", reason="They were not empty.", by=turns)
    for _ in range(3):
        looked_at()

    assert (told("approve"), at_market(frame), frame.claim().verdict) == (1, ("approved", ""), "approved")
    assert Settlement.objects.get().obligation.assignment == frame.claim().page
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []
    assert campaign.organization.reconciliations.first().agrees
    assert frame.claim().publication.state == "disposed"  # which it is once both lists agree on its payments


def test_a_market_that_wants_two_people_itself_is_asked_again_until_it_has_them(waiting, market):
    frame, one, two = waiting
    quality.set_rejection_limit(market.organization, currency="USD", second_person_from=10, by=market.user)
    reject(frame, one)
    reject(frame, two)
    looked_at()
    assert (frame.claim().page.state, at_market(frame)) == ("rejected", ("submitted", ""))
    assert Claim.objects.get().settled is False

    there = Assignment.objects.get(pk=frame.held.pk)
    flow.decide(there.review, verdict="reject", reason="", by=member(market.organization, "reviewer"))
    for _ in range(2):
        looked_at()

    assert (at_market(frame), frame.claim().verdict, told()) == (("rejected", WHY), "rejected", 1)
