"""What workers of a market are owed besides slots' rewards comes to them once, by one way, whatever is in its way."""

from datetime import timedelta

import pytest

from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow, market_money
from apps.turkapi.models import Hit
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, compared
from tests.factories import member

pytestmark = pytest.mark.django_db


def paid_at(market):
    """Return what the market paid, as it has it: (kind, cents)."""
    return sorted(Obligation.objects.filter(organization=market.organization).values_list("kind", "amount"))


def test_who_has_a_slot_of_their_own_for_it_gets_no_bonus_besides(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    frame = accept(market, worker)
    frame.get()
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="c1")
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
