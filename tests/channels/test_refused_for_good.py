"""What a market refuses for good, an approval, a rejection or to say what became of a slot, has a way out for finance:
asked of the market first, and never approved by us afterwards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import (
    flow,
    market_again,
    market_booking,
    market_debts,
    market_decisions,
    market_money,
    market_signing,
    market_verdicts,
)
from apps.turkapi.models import Hit
from tests.channels.elsewhere import finance_of
from tests.channels.faults import reset_after
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_decided_once import owed_at, reset_before, resetting
from tests.channels.test_four_eyes import limited
from tests.channels.test_refusals_and_late_payments import compared, owed_a_bonus, refusing
from tests.console.house import client
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db
LATER = timedelta(days=5)  # than a market has approved what nobody judged
SEEN = {"reason": "I looked there", "seen_unpaid": True}


def approved_and_refused(market, *more, **values):
    """Return a slot that we approved and its market won't, with more that it refuses."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person", **values)
    frame = worked(market)
    fin = finance_of(campaign)
    refusing(market, "ApproveAssignment", *more)
    boss = member(campaign.organization, email="boss@example.org")
    flow.decide(frame.claim().page.review, verdict="approve", by=boss)
    looked_at()
    assert Intent.objects.get(verb="approve").state == "refused"
    return campaign, frame, fin


def own_slot_refused(market):
    """Return what a worker is owed, by a slot made for it that its market won't approve; and that slot."""
    campaign, frame, owed = owed_a_bonus(market)
    worker = frame.worker
    market_money.remit(owed.pk)
    looked_at()
    offer = Publication.objects.get(owed=f"obligation:{owed.pk}")
    refusing(market, "ApproveAssignment")
    slot = accept(market, worker, hit=Hit.objects.get(annotation=offer.key))
    slot.finish()
    looked_at()
    return campaign, owed, offer, slot, finance_of(campaign)


@pytest.mark.parametrize("refused_too", [(), ("GetAssignment",)])
def test_a_slot_that_its_market_neither_approves_nor_pays_in_time_is_paid_besides_once_somebody_looked(
    market, time_machine, refused_too
):
    campaign, frame, fin = approved_and_refused(market, *refused_too)
    with pytest.raises(market_decisions.NothingToDecide, match="approve it by itself by"):
        market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    time_machine.move_to(clock.now() + LATER)

    with pytest.raises(market_decisions.NothingToDecide, match="look there yourself"):
        market_decisions.pay_besides(frame.claim(), reason="Never paid", by=fin)
    assert market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    market_money.remit(Obligation.objects.get(assignment=frame.claim().page).pk)

    assert owed_at(market) == [("bonus", 10)]
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    asked = {"organization": campaign.organization, "channel": "mturk", "verb": "approve", "asked": {}}
    with pytest.raises(IntegrityError, match="is paid besides"), transaction.atomic():
        Intent.objects.create(**asked, key=f"claim:{frame.claim().pk}:override")


def test_of_a_slot_paid_besides_that_its_market_pays_after_all_the_comparison_says_so_and_no_money_stays_held(
    market, time_machine, settings
):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign, frame, fin = approved_and_refused(market, budget=1000)
    deposit(campaign, 500)
    time_machine.move_to(clock.now() + LATER)
    market_decisions.pay_besides(frame.claim(), by=fin, **SEEN)
    market_money.remit(Obligation.objects.get(assignment=frame.claim().page).pk)
    flow.stop_outside(campaign)

    for _ in range(4):  # the market approves it by itself
        looked_at()
    row = compared(campaign)
    (found,) = market_booking.listed_alone(row)

    assert owed_at(market) == [("bonus", 10), ("work", 10)]
    assert (frame.claim().verdict, frame.claim().settled, Publication.objects.get().state) == (
        "approved", True, "collected",
    )  # fmt: skip
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert market_booking.book_listed(*found, reason="It paid twice", by=fin)
    assert compared(campaign).agrees
    assert books.imbalances() == []


def test_it_is_paid_otherwise_from_the_limit_on_by_two(market, time_machine):
    campaign, frame, _ = approved_and_refused(market, "GetAssignment")
    owed = Obligation.objects.get(assignment=frame.claim().page)
    fin, fatma = limited(campaign, 10)
    time_machine.move_to(clock.now() + LATER)

    assert not market_debts.pay_otherwise(owed, by=fin, **SEEN)
    assert not Settlement.objects.exists()
    market_signing.agree(SignOff.objects.get(), reason="So I saw", by=fatma)

    assert Settlement.objects.get(obligation=owed).receipt == "paid otherwise"
    assert frame.claim().besides


def test_a_slot_of_ones_own_that_its_market_won_t_approve_is_paid_otherwise(market, time_machine):
    campaign, owed, _, slot, fin = own_slot_refused(market)
    assert list(market_debts.lasting()) == [owed]
    page = client(fin).get(f"/admin/channels/claim/{slot.claim().pk}/change/").content.decode()
    assert ("pay-besides/" in page, "book-as-paid/" in page, "won&#x27;t approve it" in page) == (False, True, True)
    assert "Owed, and no market pays" not in client(fin).get("/admin/").content.decode()  # its slot is shown
    with pytest.raises(market_decisions.NothingToDecide, match="approve it by itself by"):
        market_debts.pay_otherwise(owed, by=fin, **SEEN)
    time_machine.move_to(clock.now() + timedelta(hours=26))

    address = f"/admin/payments/obligation/{owed.pk}/paid-otherwise/"
    unseen = client(fin).post(address, {"reason": "By bank"}).content.decode()
    client(fin).post(address, {"reason": "By bank", "seen_unpaid": "on"})

    assert "look there yourself" in unseen
    assert Settlement.objects.get(obligation=owed).receipt == "paid otherwise"
    claim = slot.claim()
    assert (claim.besides, claim.settled) == (True, True)
    assert not market_debts.lasting().exists()
    asked = {"organization": campaign.organization, "channel": "mturk", "verb": "approve", "asked": {}}
    with pytest.raises(IntegrityError, match="no approval is sent"), transaction.atomic():
        Intent.objects.create(**asked, key=f"claim:{claim.pk}:override")


def test_what_its_market_will_make_no_slot_for_is_paid_otherwise_and_no_slot_is_made_later(market):
    campaign, _, owed = owed_a_bonus(market, items=2)
    refusing(market, "CreateHIT")
    looked_at()
    assert list(market_debts.lasting()) == [owed]

    assert market_debts.pay_otherwise(owed, reason="By bank", by=finance_of(campaign))
    market.reopen()
    market_again.offer_again(campaign)
    looked_at()

    assert list(Publication.objects.exclude(owed="").values_list("state", flat=True)) == ["dropped"]
    assert Settlement.objects.get(obligation=owed).receipt == "paid otherwise"


def test_of_one_that_its_market_pays_all_the_same_the_comparison_says_so_before_it_is_deleted(market, time_machine):
    campaign, owed, offer, slot, fin = own_slot_refused(market)
    time_machine.move_to(clock.now() + timedelta(hours=26))
    market_debts.pay_otherwise(owed, by=fin, **SEEN)

    for _ in range(4):  # the market approves it by itself
        looked_at()

    offer.refresh_from_db()
    assert owed_at(market) == [("work", 25)]
    assert (slot.claim().verdict, slot.claim().settled, offer.state) == ("approved", True, "collected")
    (difference,) = compared(campaign).differences
    assert (difference["side"], difference["kind"], difference["amount"]) == ("market", "reward", 25)


def test_a_rejected_slot_of_an_endpoint_that_is_used_no_more_ends_with_its_offer(market, leads, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    fin, boss = finance_of(campaign), member(campaign.organization, email="boss@example.org")
    frame = worked(market)
    leads("other")
    flow.decide(frame.claim().page.review, verdict="reject", reason="Every answer is empty.", by=boss)
    flow.stop_outside(campaign)
    market_decisions.accept(Publication.objects.first(), reason="Closed for good", by=fin)
    looked_at()
    assert not frame.claim().settled

    time_machine.move_to(clock.now() + timedelta(days=31))
    for _ in range(3):
        looked_at()

    campaign.refresh_from_db()
    assert (frame.claim().settled, Publication.objects.first().state, campaign.state) == (True, "disposed", "stopped")
    assert books.imbalances() == []


def test_a_rejection_that_its_market_would_not_take_is_turned_late_and_a_person_sees_whether_it_paid(
    market, time_machine, settings
):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, review="person", budget=1000)
    deposit(campaign, 500)
    boss, fin = member(campaign.organization), finance_of(campaign)
    frame = worked(market)
    refusing(market, "RejectAssignment", "ListAssignmentsForHIT")
    flow.decide(frame.claim().page.review, verdict="reject", reason="Every answer is empty.", by=boss)
    looked_at()
    time_machine.move_to(clock.now() + timedelta(days=31))
    looked_at()
    claim = frame.claim()
    assert (claim.verdict, claim.settled, claim.page.held) == ("submitted", True, 0)

    flow.decide(claim.page.review, verdict="approve", reason="I was wrong.", by=boss)
    looked_at()

    assert owed_at(market) == [("work", 10)]  # the market approved it long ago, by itself
    assert market_decisions.stuck().get() == claim
    market.reopen()
    with pytest.raises(market_decisions.NothingToDecide, match="paid it: book that"):
        market_decisions.pay_besides(claim, by=fin, **SEEN)
    assert market_decisions.book_as_paid(claim, reason="It approved it", by=fin)
    assert Settlement.objects.get().receipt == frame.assignment
    assert not market_decisions.stuck().exists()
    assert books.imbalances() == []
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0


@pytest.mark.parametrize("fault", [reset_after, reset_before], ids=["turned", "not turned"])
def test_a_turn_that_was_not_answered_and_then_refused_may_have_been_made_so_a_person_looks(market, fault):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, review="person")
    boss, fin = member(campaign.organization), finance_of(campaign)
    frame = worked(market)
    flow.decide(frame.claim().page.review, verdict="reject", reason="Every answer is empty.", by=boss)
    looked_at()
    flow.decide(frame.claim().page.review, verdict="approve", reason="I was wrong.", by=boss)

    resetting(market, "ApproveAssignment", fault)
    market_verdicts.pass_on(frame.claim().pk)
    assert Intent.objects.get(verb="approve").state == "sending"
    market.reopen()
    refusing(market, "ApproveAssignment", "ListAssignmentsForHIT")
    for _ in range(2):
        looked_at()

    assert Intent.objects.get(verb="approve").state == "refused"
    assert ("bonus", 10) not in owed_at(market)
    claim = market_decisions.stuck().get()
    assert claim == frame.claim()
    if fault is reset_after:
        with pytest.raises(market_decisions.NothingToDecide, match="paid it: book that"):
            market_decisions.pay_besides(claim, reason="It refuses", by=fin)
        assert market_decisions.book_as_paid(claim, reason="It has it as approved", by=fin)
    else:
        with pytest.raises(market_decisions.NothingToDecide, match="has it as rejected"):
            market_decisions.book_as_paid(claim, reason="I think so", by=fin)
        assert market_decisions.pay_besides(claim, reason="It has it as rejected", by=fin)
        looked_at()
    assert owed_at(market) == [("work" if fault is reset_after else "bonus", 10)]
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert not market_decisions.stuck().filter(besides=False).exists()
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
