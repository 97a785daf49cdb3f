"""Paying out what is owed: once, with an intent before and a receipt after; what fails is owed again."""

import pytest
from django.db import IntegrityError, transaction

from apps.core.states import IllegalMove
from apps.ledger import queries as ledger
from apps.members.models import Trail
from apps.payments import services
from apps.payments.models import Obligation, Payout
from apps.work import services as work
from tests.factories import UserFactory
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed():
    """Two workers are owed 10 each, one of them for two pages."""
    campaign = running(items=20, page_size=5, price=10)
    first, second = worker_of(campaign), worker_of(campaign)
    for worker in (first, first, second):
        page = handed_in(campaign, worker)
        work.approve(page)
        services.owe(page)
        services.owe(page)
    return campaign.organization


def payable(organization) -> int:
    return ledger.balance(organization, kind="payable", currency="USD")


def test_a_batch_has_one_payout_a_worker_and_each_obligation_once(owed):
    batch = services.plan_payouts(owed, currency="USD")

    assert sorted(batch.payouts.values_list("amount", flat=True)) == [10, 20]
    assert not Obligation.objects.filter(payout=None).exists()
    with pytest.raises(services.NothingOwed, match="owes nothing in USD"):
        services.plan_payouts(owed, currency="USD")


def test_nothing_is_sent_before_the_batch_is_approved(owed):
    payout = services.plan_payouts(owed, currency="USD").payouts.first()

    with pytest.raises(IllegalMove, match="approve it before"):
        services.begin(payout)
    with pytest.raises(IllegalMove):
        services.confirm(payout, receipt="bank 1")
    assert payable(owed) == 30


def test_a_confirmed_payout_is_booked_once_and_the_batch_closes_with_the_last(owed):
    batch = services.approve_batch(services.plan_payouts(owed, currency="USD"), by=UserFactory())
    for payout in batch.payouts.all():
        services.begin(payout)
        services.confirm(payout, receipt=f"bank {payout.pk}")
        services.confirm(payout, receipt=f"bank {payout.pk}")

    batch.refresh_from_db()
    assert (batch.state, payable(owed)) == ("closed", 0)
    assert ledger.imbalances() == []


def test_who_begins_one_payout_stands_in_the_trail_as_who_begins_all(owed):
    boss = UserFactory()
    batch = services.approve_batch(services.plan_payouts(owed, currency="USD"), by=UserFactory())

    services.begin(batch.payouts.first(), by=boss)

    assert Trail.objects.filter(verb="send payouts", actor=boss, subject=f"batch:{batch.pk}").exists()


def test_a_failed_payout_is_owed_again(owed):
    batch = services.approve_batch(services.plan_payouts(owed, currency="USD"), by=UserFactory())
    payout = services.begin(batch.payouts.order_by("amount").last())

    services.fail(payout, problem="account closed")

    again = services.plan_payouts(owed, currency="USD").payouts.get()
    assert (again.worker, again.amount) == (payout.worker, 20)
    assert payable(owed) == 30


def test_a_payout_cannot_be_sent_without_a_receipt_even_by_raw_sql(owed):
    services.plan_payouts(owed, currency="USD")

    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.update(state="sent")


def test_what_is_not_approved_is_not_owed():
    page = handed_in(running())

    with pytest.raises(IllegalMove, match="only what is approved is owed"):
        services.owe(page)


def test_an_obligation_is_named_with_its_amount_in_the_major_unit(owed):
    assert str(Obligation.objects.first()).startswith("0.10 USD for page ")
