"""Payouts that end at the same moment: none is booked twice, and the batch closes with the last."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments import services
from apps.payments.models import Payout
from apps.work import services as work
from tests.factories import UserFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


def batch_of(workers: int):
    """Return an approved batch with a payout to each of so many workers, all of them begun."""
    campaign = running(items=workers * 2, page_size=2, price=10, redundancy=1)
    for _ in range(workers):
        page = handed_in(campaign)
        work.approve(page)
        services.owe(page)
    batch = services.plan_payouts(campaign.organization, currency="USD")
    services.approve_batch(batch, by=UserFactory())
    for payout in batch.payouts.all():
        services.begin(payout)
    return batch


def at_once(act, arguments) -> None:
    def alone(argument):
        try:
            act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(alone, arguments))


def test_a_batch_whose_last_payouts_end_at_the_same_moment_is_closed():
    batch = batch_of(6)
    payouts = list(batch.payouts.all())

    def end(payout: Payout) -> None:
        if payout == payouts[0]:
            services.fail(payout, problem="account closed")
        else:
            services.confirm(payout, receipt=f"bank {payout.pk}")

    at_once(end, payouts)

    batch.refresh_from_db()
    assert batch.state == "closed"
    assert books.balance(batch.organization, kind="payable", currency="USD") == 10


def test_a_receipt_told_by_many_at_once_is_booked_once_and_nobody_is_refused():
    batch = batch_of(1)

    at_once(lambda _: services.confirm(Payout.objects.get(), receipt="bank 7"), range(8))

    assert books.balance(batch.organization, kind="outside", currency="USD") == -100_000 + 10
    assert Trail.objects.filter(verb="pay").count() == 1


@pytest.mark.parametrize("empty", ["", "  "])
def test_a_payout_ends_with_a_receipt_or_a_problem_in_words(empty):
    payout = batch_of(1).payouts.get()

    with pytest.raises(services.NoProof, match="receipt"):
        services.confirm(payout, receipt=empty)
    with pytest.raises(services.NoProof, match="what went wrong"):
        services.fail(payout, problem=empty)

    assert Payout.objects.get().state == "sending"
