"""What workers of a market are owed besides slots' rewards comes to them once, by one way, whatever is in its way."""

import pytest

from apps.channels.models import Intent, Publication
from apps.ledger import queries as books
from apps.payments.models import Obligation, Settlement
from apps.pipeline import market_money
from apps.turkapi.models import Hit
from tests.channels.market import accept, launched, looked_at
from tests.channels.test_refusals_and_late_payments import bonus

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
