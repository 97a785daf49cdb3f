"""What is owed was paid by what its receipt names, and by nothing else: no slot or bonus besides it is approved,
forgotten or deleted unseen, in whichever order the market pays them."""

import json

import pytest
from django.db import IntegrityError, transaction

from apps.channels import services as channels
from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement
from apps.pipeline import (
    market_booking,
    market_books,
    market_debts,
    market_decisions,
    market_money,
    market_proof,
    market_verdicts,
    outside,
)
from apps.turkapi.models import Hit
from tests.channels.faults import answered, between, fine, reset_after
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_decided_once import given_up, owed_at, reset_before, resetting
from tests.channels.test_refusals_and_late_payments import compared, refusing
from tests.channels.test_refused_for_good import SEEN, own_slot_refused
from tests.running import deposit

pytestmark = pytest.mark.django_db


def paid_besides(market):
    """Return a slot that we approved and that is paid besides, its market knowing it again; what is owed for it."""
    campaign, frame, fin = given_up(market)
    market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    market.reopen()
    return campaign, frame, fin, Obligation.objects.get(assignment=frame.claim().page)


def approved_there(market, frame):
    """Have the market approve a slot without us, and book it; nothing else is looked at."""
    market.approve(frame)
    outside.collect(frame.claim().publication_id)
    market_verdicts.pass_on(frame.claim().pk)
    assert Settlement.objects.get().receipt == frame.assignment


def approvals_of(slot):
    return Intent.objects.filter(verb="approve", key__startswith=f"claim:{slot.claim().pk}")


def is_bonus_alone(row):
    (found,) = row.differences
    return (found["side"], found["kind"], found["amount"]) == ("market", "bonus", 10)


def test_a_slot_of_ones_own_is_not_approved_once_the_market_paid_what_it_was_made_for(market):
    campaign, frame, _, owed = paid_besides(market)
    refusing(market, "SendBonus")
    for _ in range(2):
        looked_at()
    own = Publication.objects.get(owed=f"obligation:{owed.pk}")
    slot = accept(market, frame.worker, hit=Hit.objects.get(annotation=own.key))
    slot.get()

    market.approve(frame)
    looked_at()
    own.refresh_from_db()
    assert (own.state, Settlement.objects.get().receipt) == ("withdrawn", frame.assignment)
    slot.finish()
    looked_at()

    assert owed_at(market) == [("work", 10)]
    assert not approvals_of(slot).exists()
    asked = {"organization": campaign.organization, "channel": "mturk", "verb": "approve", "asked": {}}
    with pytest.raises(IntegrityError, match="was paid by something else"), transaction.atomic():
        Intent.objects.create(**asked, key=f"claim:{slot.claim().pk}")

    market.approve(slot)  # as its own default does
    for _ in range(3):
        looked_at()
    own.refresh_from_db()
    (difference,) = compared(campaign).differences
    assert (difference["side"], difference["kind"], difference["amount"]) == ("market", "reward", 10)
    assert own.state == "collected"
    assert Trail.objects.filter(verb="doubt", subject=f"publication:{own.pk}").count() == 1


def test_a_bonus_on_its_way_when_the_market_pays_the_slot_is_looked_for_and_seen(market):
    campaign, frame, fin, owed = paid_besides(market)
    resetting(market, "SendBonus", reset_after)
    market_money.remit(owed.pk)
    market.reopen()
    assert Intent.objects.get(verb="pay_bonus").state == "sending"

    approved_there(market, frame)
    assert is_bonus_alone(compared(campaign))
    for _ in range(3):
        looked_at()

    bonus, offer = Intent.objects.get(verb="pay_bonus"), frame.claim().publication
    assert (bonus.state, offer.state, market_proof.is_compared(offer)) == ("done", "collected", False)
    assert owed_at(market) == [("bonus", 10), ("work", 10)]
    deposit(campaign, 500)
    (found,) = market_booking.listed_alone(compared(campaign))
    assert market_booking.book_listed(*found, reason="It paid twice", by=fin)
    assert compared(campaign).agrees


def test_a_bonus_that_was_never_made_is_given_up_after_the_market_paid_the_slot(market, time_machine):
    _, frame, _, owed = paid_besides(market)
    resetting(market, "SendBonus", reset_before)
    market_money.remit(owed.pk)
    market.reopen()
    approved_there(market, frame)
    time_machine.move_to(clock.now() + channels.TOKENS_LAST * 2)

    looked_at()

    assert Intent.objects.get(verb="pay_bonus").state == "dropped"
    assert owed_at(market) == [("work", 10)]


def test_a_bonus_that_ends_after_the_market_paid_the_slot_keeps_its_offer_till_somebody_saw(market):
    campaign, frame, _, owed = paid_besides(market)

    def meanwhile(request):
        answer = fine(request)
        if "SendBonus" in str(request.headers["X-Amz-Target"]):
            approved_there(market, frame)
        return answer

    between(market.client(), iter(lambda: meanwhile, None))
    market_money.remit(owed.pk)
    for _ in range(3):
        looked_at()

    assert Intent.objects.get(verb="pay_bonus").state == "done"
    assert frame.claim().publication.state == "collected"
    assert is_bonus_alone(compared(campaign))


def test_a_comparison_that_began_before_a_doubt_does_not_end_it_nor_does_a_doubt_undo_what_a_person_took(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    row = market_books.begin(campaign.organization, "mturk")
    Publication.objects.update(accepted_at=clock.now())

    channels.doubt(frame.claim().publication)
    market_books.reconcile(campaign.organization_id)

    offer = frame.claim().publication
    assert offer.reconciled_at == row.made_at
    assert offer.accepted_at is not None
    assert not market_proof.is_compared(offer)
    assert compared(campaign).agrees
    assert market_proof.is_compared(frame.claim().publication)


def test_a_slot_of_ones_own_that_is_paid_otherwise_and_rejected_there_is_over(market, time_machine):
    _, owed, offer, slot, fin = own_slot_refused(market)
    time_machine.move_to(clock.now() + market_verdicts.OVERDUE * 1.5)
    market_debts.pay_otherwise(owed, by=fin, **SEEN)
    market.client().reject_assignment(AssignmentId=slot.assignment, RequesterFeedback="Paid by bank")

    for _ in range(4):
        looked_at()

    offer.refresh_from_db()
    assert (slot.claim().verdict, slot.claim().settled, offer.state) == ("rejected", True, "disposed")


def test_an_offer_whose_list_has_something_unjudged_is_not_deleted(market, time_machine):
    campaign, owed, offer, slot, fin = own_slot_refused(market)
    time_machine.move_to(clock.now() + market_verdicts.OVERDUE * 1.5)
    market_debts.pay_otherwise(owed, by=fin, **SEEN)
    old = market.client().list_assignments_for_hit(HITId=offer.name)
    market.reopen()
    market.approve(slot)

    def lagging(request):
        answer = fine(request)
        if "ListAssignmentsForHIT" in str(request.headers["X-Amz-Target"]):
            body = json.loads(answer.content)
            for one in body.get("Assignments", []):
                one["AssignmentStatus"] = old["Assignments"][0]["AssignmentStatus"]
            return answered(request, 200, json.dumps(body).encode())
        return answer

    between(market.client(), iter(lambda: lagging, None))
    for _ in range(4):
        looked_at()
    offer.refresh_from_db()
    assert (slot.claim().verdict, offer.state) == ("submitted", "collected")

    market.reopen()
    for _ in range(3):
        looked_at()
    offer.refresh_from_db()
    assert (slot.claim().verdict, offer.state) == ("approved", "collected")
    assert [one["kind"] for one in compared(campaign).differences] == ["reward"]
