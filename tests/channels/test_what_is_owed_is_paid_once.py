"""What workers of a market are owed besides slots' rewards comes to them once, by one way, whatever is in its way."""

from datetime import timedelta

import pytest

from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow, market_debts, market_decisions, market_money
from apps.pipeline.motor import Next
from apps.turkapi.models import Hit
from tests.channels.elsewhere import finance_of
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, compared, owed_a_bonus
from tests.console.house import client
from tests.console.test_commands import said
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def paid_at(market):
    """Return what the market paid, as it has it: (kind, cents)."""
    return sorted(Obligation.objects.filter(organization=market.organization).values_list("kind", "amount"))


def test_who_has_a_slot_of_their_own_for_it_gets_no_bonus_besides(market):
    campaign, frame, owed = owed_a_bonus(market)
    worker = frame.worker
    market_money.remit(owed.pk)
    (offer,) = Publication.objects.filter(owed=f"obligation:{owed.pk}")
    frame.work()
    looked_at()

    market_money.remit(owed.pk)  # its message came twice

    assert not Intent.objects.filter(verb="pay_bonus").exists()
    accept(market, worker, hit=Hit.objects.get(annotation=offer.key)).finish()
    looked_at()
    assert paid_at(market) == [("work", 10), ("work", 25)]
    assert Settlement.objects.filter(obligation=owed).exists()
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0


def test_a_slot_of_ones_own_is_taken_off_and_not_paid_when_what_it_was_for_was_paid_otherwise(market, leads):
    campaign, frame, owed = owed_a_bonus(market)
    worker = frame.worker
    market_money.remit(owed.pk)
    looked_at()
    offer = Publication.objects.get(owed=f"obligation:{owed.pk}")
    assert offer.state == "live"
    slot = accept(market, worker, hit=Hit.objects.get(annotation=offer.key))
    leads("other")
    fin = finance_of(campaign)
    address = f"/admin/payments/obligation/{owed.pk}/paid-otherwise/"
    assert "Look at testserver first that it was not paid" in client(fin).get(address).content.decode()

    with pytest.raises(market_decisions.NothingToDecide, match="look there yourself"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    market_debts.pay_otherwise(owed, reason="By bank", by=fin, seen_unpaid=True)
    slot.finish()  # unheard of
    leads("testserver")
    for _ in range(3):
        looked_at()

    offer.refresh_from_db()
    assert offer.state == "collected"
    assert (offer.claims.get().state, offer.claims.get().verdict) == ("confirmed", "submitted")
    assert not Intent.objects.filter(verb="approve").exists()
    assert paid_at(market) == []
    assert Settlement.objects.get(obligation=owed).receipt == "paid otherwise"


def test_a_bonus_that_the_market_refuses_is_paid_by_a_slot_of_the_workers_own(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    frame = worked(market, worker)
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="b1")
    Claim.objects.update(assignment="A" * 30)  # the market does not know it

    assert market_money.remit(owed.pk) == [Next("remit", owed.pk)]
    Claim.objects.update(assignment=frame.assignment)
    looked_at()

    assert Intent.objects.get(verb="pay_bonus").state == "refused"
    offer = Publication.objects.exclude(owed="").get()
    assert f"{offer.name}  live" in said("mturk", "status", campaign.name)
    accept(market, worker, hit=Hit.objects.get(annotation=offer.key)).finish()
    looked_at()
    assert paid_at(market) == [("work", 10), ("work", 25)]
    assert Settlement.objects.filter(obligation=owed).exists()
    assert compared(campaign).differences == []


@pytest.mark.parametrize("has_work", [True, False])
def test_nothing_is_paid_whose_fee_the_funds_have_not_and_the_fee_is_held_till_it_is_paid(market, settings, has_work):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, budget=1000)
    of = campaign.organization
    worker = market.worker()
    frame = worked(market, worker) if has_work else accept(market, worker)
    frame.get()
    owed = bonus(campaign, frame.claim().worker, amount=50, reference="b1")
    has = books.balance(of, kind="funds", currency="USD")
    boss = member(of, email="fin@example.org")
    ledger.refund(of, amount=has - 9, currency="USD", reference="out", by=boss)
    before = paid_at(market)

    market_money.remit(owed.pk)
    assert paid_at(market) == before
    assert not Publication.objects.exclude(owed="").exists()
    deposit(campaign, 1)
    following = market_money.remit(owed.pk)
    assert books.balance(of, kind="funds", currency="USD") == 0
    if not has_work:
        assert [each.step for each in following] == ["offer"]
        looked_at()
        offer = Publication.objects.exclude(owed="").get()
        accept(market, worker, hit=Hit.objects.get(annotation=offer.key)).finish()
        looked_at()

    assert Settlement.objects.get(obligation=owed).fee == 10
    assert sum(cents for _, cents in paid_at(market)) == sum(cents for _, cents in before) + 50
    purse = Budget.objects.get(owner=f"obligation:{owed.pk}")
    assert (purse.amount, purse.held, purse.spent) == (10, 0, 10)
    assert books.balance(of, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


@pytest.mark.parametrize(("rejected", "turned"), [(2, 31), (0, 40)])
def test_a_rejection_turned_too_late_for_the_market_is_paid_as_a_bonus(market, time_machine, rejected, turned):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=7 * 86_400)
    boss = member(campaign.organization)
    frame = worked(market)
    began = clock.now()
    time_machine.move_to(began + timedelta(days=rejected))
    flow.decide(frame.claim().page.review, verdict="reject", reason="Every answer is empty.", by=boss)
    looked_at()
    time_machine.move_to(began + timedelta(days=turned))
    looked_at()  # 30 days after the rejection its money is let go, and its slot settled

    flow.decide(frame.claim().page.review, verdict="approve", reason="I was wrong.", by=boss)
    for _ in range(2):
        looked_at()

    assert paid_at(market) == [("bonus", 10)]
    claim = frame.claim()
    assert (claim.verdict, claim.settled) == ("rejected", True)
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []
    row = compared(campaign)
    assert (row.ours, row.ours_amount, row.market, row.market_amount, row.differences) == (1, 10, 1, 10, [])
