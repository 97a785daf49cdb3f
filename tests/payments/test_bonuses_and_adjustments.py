"""What workers are owed besides pages: from the funds, with a reason, once, and never below nothing."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.money import BadAmount
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.services import NotEnoughMoney
from apps.members.models import Trail
from apps.payments import queries, services
from apps.payments.models import Obligation
from apps.work import services as work
from apps.workforce.models import Worker
from tests.factories import UserFactory, WorkerFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def worker_with(funds: int = 100):
    worker = WorkerFactory()
    ledger.deposit(worker.organization, amount=funds, currency="USD", reference="bank 1")
    return worker


def bonus(worker, amount: int = 30, reference: str = "b1", reason: str = "the best of May"):
    return services.pay_bonus(
        worker, amount=amount, currency="USD", reference=reference, reason=reason, by=UserFactory()
    )


def adjusted(worker, amount: int, reference: str = "a1"):
    return services.adjust(
        worker, amount=amount, currency="USD", reference=reference, reason="counted twice", by=UserFactory()
    )


def payable(worker) -> int:
    return books.balance(worker.organization, kind="payable", currency="USD")


def test_a_bonus_is_owed_once_for_its_reference_with_a_reason_in_the_trail():
    worker = worker_with()

    assert bonus(worker) == bonus(worker)

    assert payable(worker) == 30
    assert Trail.objects.get(verb="bonus").reason == "the best of May"
    assert [owed.reason for owed in queries.credits([worker])] == ["the best of May"]
    assert queries.earnings([worker]) == [queries.Earnings("USD", pending=0, approved=30, paid=0)]


def test_a_bonus_is_above_zero_has_a_reason_and_is_covered_by_the_funds():
    worker = worker_with(funds=10)

    with pytest.raises(BadAmount):
        bonus(worker, amount=0)
    with pytest.raises(services.NoReason, match="the worker reads it"):
        bonus(worker, reason=" ")
    with pytest.raises(NotEnoughMoney):
        bonus(worker, amount=11)

    assert not Obligation.objects.exists()
    assert payable(worker) == 0


def test_a_reference_used_for_another_bonus_is_refused():
    worker = worker_with()
    bonus(worker)

    with pytest.raises(ledger.OtherEntry):
        bonus(worker, amount=31)


def test_an_adjustment_takes_from_what_is_owed_and_no_more():
    worker = worker_with()
    bonus(worker)

    adjusted(worker, -10)
    with pytest.raises(NotEnoughMoney):
        adjusted(worker, -21, reference="a2")

    assert payable(worker) == 20


def test_nothing_is_taken_from_who_is_paid_by_a_market_which_nets_nothing():
    worker = handed_in(running(items=1)).worker  # who took a slot there
    ledger.deposit(worker.organization, amount=100, currency="USD", reference="bank 1")
    Worker.objects.filter(pk=worker.pk).update(channel="mturk")
    worker.refresh_from_db()
    bonus(worker, amount=50)

    with pytest.raises(BadAmount, match="takes nothing back"):
        adjusted(worker, -30)

    assert payable(worker) == 50
    adjusted(worker, 10)
    assert payable(worker) == 60


def test_what_is_in_a_payout_already_is_not_taken():
    worker = worker_with()
    bonus(worker)
    services.plan_payouts(worker.organization, currency="USD")

    with pytest.raises(NotEnoughMoney, match="in no payout"):
        adjusted(worker, -10)

    assert payable(worker) == 30


def test_an_adjustment_below_zero_is_in_the_next_batch_however_late_it_came():
    worker = worker_with()
    owed = bonus(worker)
    adjusted(worker, -10)

    batch = services.plan_payouts(worker.organization, currency="USD", until=Obligation.objects.last().owed_at)

    assert batch.payouts.get().amount == 20
    assert batch.payouts.get().lines.count() == 2
    assert owed.amount == 30


def test_a_worker_whose_adjustments_took_everything_is_in_no_batch():
    worker = worker_with()
    bonus(worker)
    adjusted(worker, -30)

    with pytest.raises(services.NothingOwed):
        services.plan_payouts(worker.organization, currency="USD")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_obligation SET amount = amount + 1",
        "UPDATE payments_obligation SET owed_at = now()",
        "UPDATE payments_obligation SET reason = 'another'",
        "DELETE FROM payments_obligation",
    ],
)
def test_what_is_owed_stays_as_it_is_even_by_raw_sql(statement):
    bonus(worker_with())

    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_pay_and_bonuses_are_told_together():
    campaign = running(items=4, page_size=2, redundancy=1, price=10)
    page = handed_in(campaign)
    work.approve(page)
    services.owe(page)
    ledger.deposit(campaign.organization, amount=100, currency="USD", reference="bank 2")
    bonus(page.worker)
    handed_in(campaign, page.worker)

    assert queries.earnings([page.worker]) == [queries.Earnings("USD", pending=10, approved=40, paid=0)]
