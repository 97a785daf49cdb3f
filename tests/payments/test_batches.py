"""Batches: cancelled, approved by two people, begun together, and ended by what the bank says."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.members.models import Trail
from apps.payments import destinations, results, services
from apps.payments.models import Obligation, Payout
from apps.work import services as work
from tests.factories import UserFactory
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def owing(workers: int = 3):
    """Return an organization that owes each of so many workers 10."""
    campaign = running(items=2 * workers, page_size=2, price=10, redundancy=1)
    for n in range(workers):
        page = handed_in(campaign, worker_of(campaign, external_id=f"w{n}"))
        work.approve(page)
        services.owe(page)
    return campaign.organization


def begun(of):
    """Return a batch of all that is owed, approved and begun, with its payouts in the order of their workers."""
    batch = services.approve_batch(services.plan_payouts(of, currency="USD"), by=UserFactory())
    services.begin_all(batch, by=UserFactory())
    return batch, list(batch.payouts.order_by("worker__external_id"))


def taken(batch, *lines: str) -> services.Taken:
    text = "\n".join(["payout,receipt,problem", *lines])
    return services.take_results(batch, results=results.read(text.encode()), by=UserFactory())


def payable(of) -> int:
    return books.balance(of, kind="payable", currency="USD")


def test_a_cancelled_batch_is_owed_again_and_keeps_what_it_was():
    of = owing()
    batch = services.plan_payouts(of, currency="USD")

    services.cancel_batch(batch, by=UserFactory(), reason="wrong month")

    assert set(batch.payouts.values_list("state", flat=True)) == {"cancelled"}
    assert Trail.objects.get(verb="cancel payouts").reason == "wrong month"
    assert services.plan_payouts(of, currency="USD").payouts.count() == 3
    assert batch.payouts.first().lines.count() == 1


def test_an_approved_batch_is_not_cancelled():
    batch, _payouts = begun(owing())

    with pytest.raises(IllegalMove):
        services.cancel_batch(batch, by=UserFactory())


def limited(of, limit: int):
    services.set_policy(of, currency="USD", by=UserFactory(), second_person_from=limit)
    return UserFactory(), UserFactory()


def test_a_large_batch_is_approved_by_somebody_else_than_who_planned_it():
    of = owing()
    planner, other = limited(of, 30)
    batch = services.plan_payouts(of, currency="USD", by=planner)

    with pytest.raises(services.NeedsAnother, match="somebody else must approve"):
        services.approve_batch(batch, by=planner)
    services.approve_batch(batch, by=other)

    assert batch.approved_by == other


def test_a_smaller_batch_needs_one_person():
    of = owing()
    planner, _other = limited(of, 31)

    assert services.approve_batch(services.plan_payouts(of, currency="USD", by=planner), by=planner).approved_at


def owe_another(of):
    """Have the organization owe another worker 10."""
    worker = Obligation.objects.filter(organization=of).first().worker
    services.pay_bonus(worker, amount=10, currency="USD", reference=f"{clock.now()}", reason="more", by=UserFactory())


def test_what_one_person_plans_within_a_day_is_not_cut_into_batches_that_need_no_other():
    of = owing()
    ledger.deposit(of, amount=100, currency="USD", reference="bank")
    planner, other = limited(of, 40)
    first = services.plan_payouts(of, currency="USD", by=planner)
    owe_another(of)

    second = services.plan_payouts(of, currency="USD", by=planner)

    assert (first.needs_second, second.needs_second) == (False, True)
    with pytest.raises(services.NeedsAnother, match="within a day"):
        services.approve_batch(second, by=planner)
    services.approve_batch(second, by=other)


@pytest.mark.parametrize(
    ("then", "limit"),
    [("approved by another", 40), ("cancelled", 50), ("a day ago", 40), ("planned by another", 40)],
)
def test_what_somebody_else_saw_or_was_long_ago_does_not_count(then, limit):
    of = owing()
    ledger.deposit(of, amount=100, currency="USD", reference="bank")
    planner, other = limited(of, limit)
    first = services.plan_payouts(of, currency="USD", by=other if then == "planned by another" else planner)
    if then == "approved by another":
        services.approve_batch(first, by=other)
    if then == "cancelled":
        services.cancel_batch(first, by=planner)
    owe_another(of)

    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1) if then == "a day ago" else clock.now()):
        second = services.plan_payouts(of, currency="USD", by=planner)

    assert not second.needs_second


def test_a_large_batch_is_planned_by_somebody():
    of = owing()
    limited(of, 30)

    with pytest.raises(services.NeedsAnother, match="say who plans it"):
        services.plan_payouts(of, currency="USD")

    assert not Obligation.objects.exclude(payout=None).exists()


@pytest.mark.parametrize("planner", ["approved_by", "NULL"])
def test_the_database_itself_wants_two_people(planner):
    of = owing()
    batch = services.plan_payouts(of, currency="USD", by=limited(of, 30)[0])
    services.approve_batch(batch, by=UserFactory())

    with pytest.raises(IntegrityError, match="batch_approved_by_another"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_payoutbatch SET created_by_id = {planner.replace('by', 'by_id')}")


def test_all_of_a_batch_is_begun_once_and_booked_with_one_receipt():
    of = owing()
    batch, _payouts = begun(of)

    assert services.begin_all(batch, by=UserFactory()) == 0
    assert services.confirm_all(batch, receipt="bank 7", by=UserFactory()) == 3

    batch.refresh_from_db()
    assert (batch.state, payable(of)) == ("closed", 0)


def test_results_end_payouts_and_the_same_file_again_changes_nothing():
    of = owing()
    batch, (first, second, third) = begun(of)
    lines = [f"{first.reference},bank 1,", f"{second.reference.lower()},,account closed", f"{third.reference},,"]

    assert taken(batch, *lines) == services.Taken(sent=1, failed=1, returned=0, known=0)
    assert taken(batch, *lines) == services.Taken(sent=0, failed=0, returned=0, known=2)

    assert [row.state for row in batch.payouts.order_by("worker__external_id")] == ["sent", "failed", "sending"]
    assert payable(of) == 20
    assert Obligation.objects.filter(payout=None).count() == 1


def test_a_payout_that_came_back_is_booked_and_owed_again():
    of = owing(1)
    batch, (payout,) = begun(of)
    first = [f"{payout.reference},bank 1,"]
    later = [f"{payout.reference},,returned by the bank"]
    taken(batch, *first)

    assert taken(batch, *later).returned == 1
    assert taken(batch, *later).known == 1
    assert taken(batch, *first).known == 1

    payout.refresh_from_db()
    assert (payout.state, payout.receipt) == ("returned", "bank 1")
    assert payable(of) == 10
    assert services.plan_payouts(of, currency="USD").payouts.get().amount == 10
    assert books.imbalances() == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("NOBODY,bank 1,", "line 3: this batch has no payout 'NOBODY'"),
        ("{first},bank 1,and a problem", "line 3: it has a receipt and a problem"),
        ("{first},bank 2,", "line 3: the payout to .* is said to have been sent, but it is sent"),
    ],
)
def test_a_file_with_a_wrong_line_is_not_taken_at_all(line, sentence):
    of = owing()
    batch, (first, second, _third) = begun(of)
    services.confirm(first, receipt="bank 1")

    with pytest.raises(services.BadResults, match=sentence):
        taken(batch, f"{second.reference},bank 9,", line.format(first=first.reference))

    assert Payout.objects.get(pk=second.pk).state == "sending"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"a,b\n1,2\n", "the first line should name the columns payout, receipt, problem"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b'payout,receipt,problem\n"x,1,2', "is not CSV"),
    ],
)
def test_what_is_no_file_of_results_is_told(raw, sentence):
    with pytest.raises(results.BadResults, match=sentence):
        list(results.read(raw))


def test_a_payout_is_paid_to_where_the_worker_wanted_when_the_batch_was_approved():
    of = owing(1)
    batch = services.plan_payouts(of, currency="USD")
    payout = batch.payouts.get()
    services.set_payout_method(payout.worker, method=destinations.paypal(address="ada@example.org"))
    services.approve_batch(batch, by=UserFactory())
    services.set_payout_method(payout.worker, method=destinations.paypal(address="eve@example.org"))

    payout.refresh_from_db()

    assert (payout.method, payout.shown_destination) == ("paypal", "a•••@example.org")


def test_what_was_paid_stays_even_by_raw_sql():
    payout = begun(owing(1))[1][0]
    services.confirm(payout, receipt="bank 1")

    for change in ("receipt = 'bank 2'", "amount = 1", "sent_at = now()"):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE payments_payout SET {change}")
