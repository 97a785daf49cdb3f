"""What was paid is booked with its fee once, in whichever order a person, a market's list or another endpoint says so;
and a doubt is over with what a person saw."""

import pytest

from apps.channels import services as channels
from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Obligation, Settlement
from apps.pipeline import (
    flow,
    market_booking,
    market_debts,
    market_decisions,
    market_money,
    market_payments,
    market_proof,
    outside,
)
from apps.turkapi.models import Hit
from tests.channels.elsewhere import finance_of
from tests.channels.faults import reset_after
from tests.channels.market import accept, looked_at
from tests.channels.test_decided_once import owed_at, resetting
from tests.channels.test_four_eyes import gives
from tests.channels.test_one_receipt_for_what_is_owed import approved_there, paid_besides
from tests.channels.test_refusals_and_late_payments import compared, owed_a_bonus, refusing
from tests.channels.test_refused_for_good import LATER, SEEN, approved_and_refused
from tests.running import deposit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_early", [True, False])
def test_what_a_person_booked_as_paid_takes_and_holds_no_fee_again_when_the_market_says_so_too(
    market, time_machine, settings, is_early
):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign, frame, fin = approved_and_refused(market, "GetAssignment", budget=1000)
    if not is_early:
        time_machine.move_to(clock.now() + LATER)
    assert market_decisions.book_as_paid(frame.claim(), reason="It is on its statement", by=fin)
    flow.stop_outside(campaign)
    market.reopen()
    if is_early:
        looked_at()  # its list does not say so yet
        time_machine.move_to(clock.now() + LATER)

    for _ in range(4):  # the market approves it by itself
        looked_at()

    offer = frame.claim().publication
    assert (frame.claim().verdict, frame.claim().settled) == ("approved", True)
    assert (offer.held, Budget.objects.get(owner=campaign.key).held) == (0, 0)
    assert Settlement.objects.get().fee == 2
    assert offer.state == "disposed"  # both lists agreed
    assert books.imbalances() == []


def test_a_bonus_like_one_that_was_paid_twice_and_booked_by_hand_is_seen_and_not_sent_again(market, time_machine):
    campaign, frame, fin, owed = paid_besides(market)
    resetting(market, "SendBonus", reset_after)
    market_money.remit(owed.pk)
    market.reopen()
    approved_there(market, frame)
    for _ in range(2):
        looked_at()
    deposit(campaign, 500)
    assert market_booking.book_listed(
        *market_booking.listed_alone(compared(campaign))[0], reason="It paid twice", by=fin
    )

    resetting(market, "SendBonus", reset_after)
    like = gives(campaign, frame.claim().worker, 10, by=fin, reference="like it")
    market_money.remit(like.pk)
    market.reopen()
    assert owed_at(market).count(("bonus", 10)) == 2
    time_machine.move_to(clock.now() + channels.TOKENS_LAST * 2)
    market_money.remit(like.pk)

    assert owed_at(market).count(("bonus", 10)) == 2
    assert Settlement.objects.filter(obligation=like).exists()
    assert compared(campaign).agrees


def test_a_bonus_whose_list_is_refused_for_good_keeps_its_offer_till_a_person_accepts_it(market, time_machine):
    _, frame, fin, owed = paid_besides(market)
    resetting(market, "SendBonus", reset_after)
    market_money.remit(owed.pk)
    market.reopen()
    approved_there(market, frame)
    looked_at()
    offer = frame.claim().publication
    Intent.objects.filter(verb="pay_bonus").update(state="sending")
    with pytest.raises(market_decisions.NothingToDecide, match="it is being asked, for a day at most"):
        market_decisions.accept(offer, reason="It won't say", by=fin)
    refusing(market, "ListBonusPayments")
    with pytest.raises(market_decisions.NotNow, match="it is being asked, for a day at most"):
        market_decisions.accept(offer, reason="It won't say", by=fin)
    time_machine.move_to(clock.now() + channels.TOKENS_LAST * 2)
    looked_at()
    assert Intent.objects.get(verb="pay_bonus").state == "sending"

    assert market_decisions.accept(offer, reason="It won't say", by=fin)
    for _ in range(2):
        looked_at()

    offer.refresh_from_db()
    assert (Intent.objects.get(verb="pay_bonus").state, offer.state) == ("dropped", "disposed")


def test_a_person_who_accepts_an_offer_minutes_after_a_doubt_has_seen_that(market, settings):
    _, frame, _, _ = paid_besides(market)
    approved_there(market, frame)
    settings.MARKET_LAG_SECONDS = 600
    offer = frame.claim().publication
    channels.doubt(offer)
    offer.refresh_from_db()
    assert not market_proof.is_compared(offer)

    channels.accepted(offer)

    offer.refresh_from_db()
    assert market_proof.is_compared(offer)
    channels.doubt(offer)  # another one
    offer.refresh_from_db()
    assert not market_proof.is_compared(offer)


def test_what_was_seen_to_be_paid_is_booked_as_that_though_the_endpoint_is_another_one_by_now(market, leads):
    campaign, frame, owed = owed_a_bonus(market)
    market_money.remit(owed.pk)
    looked_at()
    own = Publication.objects.get(owed=f"obligation:{owed.pk}")
    slot = accept(market, frame.worker, hit=Hit.objects.get(annotation=own.key))
    slot.finish()
    market.approve(slot)
    outside.collect(own.pk)
    assert (slot.claim().verdict, slot.claim().settled) == ("approved", False)
    leads("other")
    assert list(market_debts.lasting()) == [owed]

    with pytest.raises(market_decisions.NothingToDecide, match="was seen to have paid it"):
        market_debts.pay_otherwise(owed, by=finance_of(campaign), **SEEN)
    looked_at()

    assert Settlement.objects.get(obligation=owed).receipt == slot.assignment


def test_a_bonus_that_was_only_planned_when_the_market_paid_the_slot_is_not_sent(market, monkeypatch):
    campaign, frame, _, owed = paid_besides(market)
    booked = market_payments.like_it_by_hand

    def meanwhile(bonus):
        approved_there(market, frame)
        return booked(bonus)

    with monkeypatch.context() as between_plan_and_sending:
        between_plan_and_sending.setattr(market_payments, "like_it_by_hand", meanwhile)
        market_money.remit(owed.pk)
    for _ in range(2):
        looked_at()

    assert owed_at(market) == [("work", 10)]
    assert Intent.objects.get(verb="pay_bonus").state == "planned"
    assert compared(campaign).agrees
    assert Obligation.objects.get(pk=owed.pk).settlement.receipt == frame.assignment
