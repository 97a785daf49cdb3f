"""A market's fee for a bonus is held before that is sent; what was held then is what is booked, also when fees rise."""

import pytest

from apps.channels.models import Intent
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.payments.models import Settlement
from apps.pipeline import market_debts, market_money
from tests.channels.elsewhere import finance_of
from tests.channels.faults import reset_after, unreachable
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_decided_once import owed_at, resetting
from tests.channels.test_refusals_and_late_payments import bonus
from tests.running import deposit

pytestmark = pytest.mark.django_db
LOW, HIGH = [20, 20, 0, 20, 1], [20, 20, 0, 40, 1]  # of a bonus of 25: 5, and 10


@pytest.fixture
def owed(market, settings):
    """Return a campaign and the bonus that a worker of it is owed, at low fees; nobody has asked the market yet."""
    settings.MTURK_FEES = LOW
    market.reopen()
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, budget=1000)
    frame = worked(market)
    return campaign, bonus(campaign, frame.claim().worker, amount=25, reference="b1")


def rise(market, settings, campaign):
    """Have the market take more from now on, and the organization have nothing left."""
    settings.MTURK_FEES = HIGH
    market.reopen()
    left = books.balance(campaign.organization, kind="funds", currency="USD")
    by = finance_of(campaign)
    ledger.refund(campaign.organization, amount=left, currency="USD", reference="out", by=by)
    return by


def is_booked(campaign, market, owed, fee):
    settled = Settlement.objects.get(obligation=owed)
    assert (settled.fee, owed_at(market).count(("bonus", 25))) == (fee, 1)
    purse = Budget.objects.get(owner=f"obligation:{owed.pk}")
    assert (purse.amount, purse.held, purse.spent) == (fee, 0, fee)
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def test_what_was_sent_before_is_booked_with_the_fee_that_was_held(owed, market, settings):
    campaign, due = owed
    resetting(market, "SendBonus", reset_after)
    market_money.remit(due.pk)

    rise(market, settings, campaign)
    looked_at()

    is_booked(campaign, market, due, fee=5)


def test_who_saw_that_it_was_paid_books_it_with_the_fee_that_was_held(owed, market, settings):
    campaign, due = owed
    resetting(market, "SendBonus", reset_after)
    market_money.remit(due.pk)
    by = rise(market, settings, campaign)
    long_ago = "2026-01-01T00:00Z"
    Intent.objects.filter(verb="pay_bonus").update(sent_at=long_ago, begun_at=long_ago)

    assert market_debts.book_as_paid(due, reason="It lists it", by=by)

    is_booked(campaign, market, due, fee=5)


def test_what_was_not_sent_yet_waits_for_what_is_lacking_of_the_fee_as_it_is_now(owed, market, settings):
    campaign, due = owed
    resetting(market, "SendBonus", unreachable)
    market_money.remit(due.pk)
    assert Intent.objects.get(verb="pay_bonus").state == "planned"

    rise(market, settings, campaign)
    market_money.remit(due.pk)
    assert ("bonus", 25) not in owed_at(market)
    deposit(campaign, 5)
    looked_at()

    is_booked(campaign, market, due, fee=10)
