"""Our books follow a market in whichever order its lists, our steps and persons come; for all there is a way out."""

from datetime import timedelta

import pytest

from apps.channels.base import Submission
from apps.channels.models import Claim, Intent, Publication
from apps.channels.mturk.channel import channel
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.ledger.services import NotEnoughMoney
from apps.payments.models import Obligation, Settlement
from apps.pipeline import (
    flow,
    market_booking,
    market_debts,
    market_decisions,
    market_money,
    market_proof,
    market_verdicts,
    outside,
)
from apps.pipeline.motor import Next
from apps.turkapi.models import Hit
from apps.workforce import services as workforce
from tests.channels.elsewhere import finance_of
from tests.channels.faults import between, unavailable
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_decided_once import owed_at
from tests.channels.test_four_eyes import gives
from tests.channels.test_one_receipt_for_what_is_owed import approved_there, paid_besides
from tests.channels.test_refusals_and_late_payments import compared, owed_a_bonus, refusing
from tests.channels.test_refused_for_good import LATER, SEEN, approved_and_refused, own_slot_refused
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db
EMPTY = "Every answer is empty."


def rejected(market, **values):
    """Return a slot that we and its market rejected, with who decides."""
    campaign = launched(**{"items": 2, "page_size": 2, "redundancy": 1, "price": 10, "review": "person"} | values)
    boss = member(campaign.organization, email="boss@example.org")
    frame = worked(market)
    flow.decide(frame.claim().page.review, verdict="reject", reason=EMPTY, by=boss)
    looked_at()
    assert frame.claim().verdict == "rejected"
    return campaign, frame, finance_of(campaign)


def test_a_list_that_was_read_before_an_approval_takes_it_not_back(market, settings):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=12)
    frame = worked(market)
    claim = frame.claim()
    assert (claim.verdict, claim.settled, Budget.objects.get(owner=campaign.key).held) == ("approved", True, 0)
    read_before = Submission(
        frame.assignment, claim.worker.external_id, claim.publication.name, "submitted", {}, clock.now()
    )

    outside._take_in(claim.publication, read_before)
    looked_at()

    assert (frame.claim().verdict, frame.claim().settled) == ("approved", True)
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert books.imbalances() == []


def test_a_reward_that_our_books_have_still_to_follow_is_not_booked_by_hand(market):
    campaign, frame, fin = rejected(market, items=4, budget=1000)
    deposit(campaign, 500)
    other = worked(market).claim()
    flow.decide(other.page.review, verdict="approve", by=fin)
    market.bonus(frame, "0.50")  # by hand: so the offer stays, as both lists differ
    Claim.objects.filter(pk=frame.claim().pk).update(settled=True)  # nothing is held for it any more
    flow.stop_outside(campaign)
    for _ in range(3):
        looked_at()
    assert frame.claim().publication.state == "collected"
    market.approve(frame, OverrideRejection=True)
    found = {line.kind: (offer, line) for offer, line in market_booking.listed_alone(compared(campaign))}
    assert set(found) == {"bonus"}  # the reward is on its way into our books

    looked_at()
    assert market_booking.book_listed(*found["bonus"], reason="A hint", by=fin)

    assert {row.receipt for row in Settlement.objects.filter(obligation__kind="work")} == {
        frame.assignment, other.assignment,
    }  # fmt: skip
    assert compared(campaign).agrees
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0


def test_a_slot_of_ones_own_is_not_approved_while_it_is_seen_that_the_market_paid_the_pages_slot(market):
    _, frame, _, owed = paid_besides(market)
    refusing(market, "SendBonus")
    for _ in range(2):
        looked_at()
    own = Publication.objects.get(owed=f"obligation:{owed.pk}")
    slot = accept(market, frame.worker, hit=Hit.objects.get(annotation=own.key))
    slot.finish()
    market.approve(frame)
    following = outside.collect(frame.claim().publication_id)
    assert (frame.claim().verdict, frame.claim().settled) == ("approved", False)
    assert Next("pass_on", frame.claim().pk) in following

    outside.collect(own.pk)
    market_verdicts.pass_on(slot.claim().pk)
    market_money.remit(owed.pk)
    for _ in range(2):
        looked_at()

    assert owed_at(market) == [("work", 10)]
    assert Settlement.objects.get().receipt == frame.assignment


def test_a_reward_booked_by_hand_is_no_difference_once_its_offer_is_deleted(market, time_machine):
    campaign, frame, fin = approved_and_refused(market, budget=1000)
    deposit(campaign, 500)
    time_machine.move_to(clock.now() + LATER)
    market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    market_money.remit(Obligation.objects.get(assignment=frame.claim().page).pk)
    flow.stop_outside(campaign)
    for _ in range(4):  # the market approves it by itself
        looked_at()
    (found,) = market_booking.listed_alone(compared(campaign))
    assert market_booking.book_listed(*found, reason="It paid twice", by=fin)
    for _ in range(3):
        looked_at()
    assert frame.claim().publication.state == "disposed"

    assert compared(campaign).agrees


def test_what_nobody_came_for_is_paid_otherwise_once_somebody_looked(market, time_machine):
    campaign, _, owed = owed_a_bonus(market)
    looked_at()
    assert not market_debts.lasting().exists()
    time_machine.move_to(clock.now() + timedelta(days=8))
    for _ in range(4):
        looked_at()
    own = Publication.objects.filter(owed=f"obligation:{owed.pk}")
    assert sorted(own.values_list("state", flat=True)) == ["disposed", "live"]
    assert list(market_debts.lasting()) == [owed]
    fin = finance_of(campaign)

    with pytest.raises(market_decisions.NothingToDecide, match="look there yourself"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert market_debts.pay_otherwise(owed, by=fin, **SEEN)
    for _ in range(4):
        looked_at()

    assert set(own.values_list("state", flat=True)) == {"disposed"}
    assert Settlement.objects.get(obligation=owed).receipt == "paid otherwise"


def test_a_bonus_that_was_only_planned_at_an_endpoint_used_no_more_is_paid_otherwise(market, leads):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin = finance_of(campaign)
    owed = gives(campaign, frame.claim().worker, 25, by=fin)
    between(market.client(), iter(lambda: unavailable, None))
    market_money.remit(owed.pk)
    Intent.objects.filter(verb="pay_bonus").update(state="planned", sent_at=None)
    market.reopen()
    other = Publication.objects.create(
        campaign=campaign, channel="mturk", environment="other", name="B", state="disposed", asked=1, slots=1,
        reward=10, fee=0, lease_seconds=60, expires_at=clock.now(),
    )  # fmt: skip
    Claim.objects.create(
        publication=other, worker=frame.claim().worker, assignment="A", state="confirmed", confirmed_at=clock.now(),
        settled=True, verdict="approved",
    )  # fmt: skip
    assert not market_debts.lasting().exists()
    leads("other")

    assert list(market_debts.lasting()) == [owed]
    assert market_debts.pay_otherwise(owed, reason="By bank", by=fin)

    assert Intent.objects.get(verb="pay_bonus").state == "dropped"


def test_a_slot_of_ones_own_that_was_rejected_there_and_not_turned_is_paid_otherwise(market):
    campaign, owed, _, slot, fin = own_slot_refused(market)
    market.reopen()
    market.client().reject_assignment(AssignmentId=slot.assignment, RequesterFeedback="By somebody")
    refusing(market, "ApproveAssignment")
    Intent.objects.filter(verb="approve").delete()  # as if the rejection had come first
    for _ in range(2):
        looked_at()
    assert Intent.objects.get(verb="approve").key.endswith(":override")
    market.reopen()

    assert list(market_debts.lasting()) == [owed]
    assert market_debts.pay_otherwise(owed, by=fin, **SEEN)
    for _ in range(3):
        looked_at()

    assert slot.claim().publication.state == "disposed"
    assert compared(campaign).agrees


def test_an_offer_with_a_slot_that_its_market_never_judges_is_over_once_a_person_accepts_it(market, time_machine):
    campaign, frame, fin = approved_and_refused(market)
    offer = frame.claim().publication
    flow.stop_outside(campaign)
    looked_at()
    time_machine.move_to(clock.now() + LATER)  # and nothing runs at the market that would approve it
    market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    market_money.remit(Obligation.objects.get(assignment=frame.claim().page).pk)
    outside.collect(offer.pk)
    offer.refresh_from_db()
    assert (offer.state, offer.problem) == ("collected", market_verdicts.UNJUDGED)

    assert market_decisions.accept(offer, reason="It never will", by=fin)
    outside.collect(offer.pk)

    offer.refresh_from_db()
    assert offer.state == "disposed"


def test_an_offer_with_a_slot_that_its_market_may_approve_by_itself_is_not_accepted_yet(market, time_machine):
    _, frame, fin = rejected(market)
    Claim.objects.update(verdict="submitted", settled=True)
    Publication.objects.update(state="collected")

    with pytest.raises(market_decisions.NothingToDecide, match="may approve a slot of it by itself, by"):
        market_decisions.accept(frame.claim().publication, reason="Be quick", by=fin)


def test_a_slot_of_ones_own_that_somebody_else_took_is_not_approved_and_seen_where_the_market_pays_it(market):
    campaign, frame, owed = owed_a_bonus(market)
    market_money.remit(owed.pk)
    looked_at()
    own = Publication.objects.get(owed=f"obligation:{owed.pk}")
    slot = accept(market, frame.worker, hit=Hit.objects.get(annotation=own.key))
    slot.finish()
    outside.collect(own.pk)
    pk = Claim.objects.get(publication=own).pk
    another = workforce.register(campaign.organization, external_id="ANOTHER", channel="mturk")
    Claim.objects.filter(pk=pk).update(worker=another)

    market_verdicts.pass_on(pk)
    assert not Intent.objects.filter(verb="approve").exists()
    Claim.objects.filter(pk=pk).update(verdict="approved", settled=False)  # by itself
    market_verdicts.pass_on(pk)

    own.refresh_from_db()
    assert not Settlement.objects.filter(obligation=owed).exists()
    assert own.doubted_at is not None
    assert not market_proof.is_compared(own)


def test_a_claim_that_nothing_confirmed_is_no_receipt_of_a_slot_of_ones_own(market):
    _, frame, _, owed = paid_besides(market)
    refusing(market, "SendBonus")
    for _ in range(2):
        looked_at()
    own = Publication.objects.get(owed=f"obligation:{owed.pk}")
    approved_there(market, frame)

    Claim.objects.create(publication=own, worker=frame.claim().worker, assignment=frame.assignment)

    assert market_verdicts.is_paid_otherwise(own)


def test_one_slot_that_lacks_money_keeps_no_others_from_being_taken_in(market, settings):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    launched(items=4, page_size=2, redundancy=1, price=10, budget=24)
    first = worked(market)
    second = accept(market)
    second.work()
    Claim.objects.filter(pk=first.claim().pk).update(verdict="rejected")  # and it is turned there now
    offer = first.claim().publication
    listed = sorted(channel().collect(offer.name), key=lambda one: one.assignment != first.assignment)

    with pytest.raises(NotEnoughMoney):
        outside._take_in_each(offer, listed)

    assert [one.assignment for one in listed] == [first.assignment, second.assignment]
    assert second.claim().state == "confirmed"
