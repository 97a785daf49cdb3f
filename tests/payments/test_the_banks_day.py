"""The bank's day of a payout: told when it is booked, believed where it can be, and what tax years count by."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from apps.ledger import services as ledger
from apps.ledger.models import Entry
from apps.ledger.queries import is_as_it_was_closed
from apps.payments import results, services
from apps.payments.models import Payout
from apps.payments.services import BadDay, BadResults
from apps.reports.payments.tax import tax_years
from tests.factories import UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db
EVE = datetime(2026, 12, 29, 9, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 3, 9, tzinfo=UTC)


@pytest.fixture
def batch():
    """Two payouts of 7.00 that were begun on the 29th of December."""
    with time_machine.travel(EVE):
        first = WorkerFactory()
        ledger.deposit(first.organization, amount=10_000, currency="USD", reference="bank 1")
        for worker in (first, WorkerFactory(organization=first.organization)):
            services.pay_bonus(
                worker, amount=700, currency="USD", reference=str(worker.pk), reason="well done", by=UserFactory()
            )
        batch = services.approve_batch(services.plan_payouts(first.organization, currency="USD"), by=UserFactory())
        services.begin_all(batch, by=UserFactory())
        return batch


def told(batch, day: str) -> list[results.Result]:
    lines = [f"{payout.reference},R{number},,{day}" for number, payout in enumerate(batch.payouts.all())]
    return list(results.read("\n".join(["payout,receipt,problem,executed_on", *lines]).encode()))


def test_a_tax_year_counts_by_the_banks_day_and_the_books_by_the_day_of_booking(batch):
    with time_machine.travel(NEW_YEAR):
        services.take_results(batch, results=told(batch, "2026-12-30"), by=UserFactory())

        [[before], after] = (tax_years(batch.organization, year=year) for year in (2026, 2027))

    assert (before.total, after) == (1400, [])
    assert {entry.at.date() for entry in Entry.objects.filter(kind="payout")} == {NEW_YEAR.date()}
    assert set(batch.payouts.values_list("executed_on", flat=True)) == {date(2026, 12, 30)}


def test_without_a_day_it_is_that_of_the_booking(batch):
    with time_machine.travel(EVE + timedelta(days=1)):
        services.take_results(batch, results=told(batch, ""), by=UserFactory())

    assert set(batch.payouts.values_list("executed_on", flat=True)) == {date(2026, 12, 30)}


def test_one_day_may_be_told_for_all_lines_without_one(batch):
    with time_machine.travel(NEW_YEAR):
        services.take_results(batch, results=told(batch, ""), executed_on=date(2026, 12, 31), by=UserFactory())

    assert set(batch.payouts.values_list("executed_on", flat=True)) == {date(2026, 12, 31)}


def test_a_line_without_a_day_of_a_payout_begun_in_an_earlier_year_is_told_and_nothing_is_taken(batch):
    first = batch.payouts.first().reference
    with time_machine.travel(NEW_YEAR):
        mixed = [replace(one, executed_on=EVE.date()) if one.payout == first else one for one in told(batch, "")]

        for day in (None, NEW_YEAR.date()):
            with pytest.raises(BadResults, match=r"^line 3: it tells no day, and the payout .* was begun in 2026"):
                services.take_results(batch, results=mixed, executed_on=day, by=UserFactory())

    assert not batch.payouts.exclude(state="sending").exists()


@pytest.mark.parametrize("column", ["Executed_on", "executed on", "exectued_on", "Value Date", "day", "executedOn"])
def test_a_column_that_names_a_day_but_not_as_it_should_is_a_sentence(batch, column):
    with pytest.raises(BadResults, match=f"the column '{column}' looks like a day"):
        list(results.read(f"payout,receipt,problem,{column}\n".encode()))


@pytest.mark.parametrize("day", ["2026-12-30", "30.12.2026", "12/30/26", "2026-12-30T10:00:00Z"])
def test_a_column_of_days_of_another_name_is_a_sentence(batch, day):
    with pytest.raises(BadResults, match="the column 'booked' looks like a day"):
        list(results.read(f"payout,receipt,problem,booked\nA,R,,{day}\n".encode()))


def test_other_columns_are_passed_over_and_beside_executed_on_those_with_days_too():
    plain = b"payout,receipt,problem,updated_by,note\nA,2026-12-30,,ada,10.5\n"
    dated = b"payout,receipt,problem,executed_on,made_on_date\nA,R,,2026-12-30,2026-12-29\n"

    [[one], [other]] = list(results.read(plain)), list(results.read(dated))

    assert (one.receipt, one.executed_on) == ("2026-12-30", None)
    assert other.executed_on == date(2026, 12, 30)


def test_one_day_is_told_for_all_that_were_sent(batch):
    with time_machine.travel(NEW_YEAR):
        services.confirm_all(batch, receipt="R", executed_on=date(2026, 12, 31), by=UserFactory())

    assert set(batch.payouts.values_list("executed_on", flat=True)) == {date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("day", "why"), [(date(2027, 1, 4), "is to come"), (date(2026, 12, 28), "it was approved on 2026-12-29")]
)
def test_a_day_that_can_not_be_is_refused_with_the_reason(batch, day, why):
    with time_machine.travel(NEW_YEAR):
        with pytest.raises(BadDay, match=why):
            services.confirm_all(batch, receipt="R", executed_on=day, by=UserFactory())
        with pytest.raises(BadResults, match=f"line 2: .*{why}.*line 3"):
            services.take_results(batch, results=told(batch, day.isoformat()), by=UserFactory())

    assert not Entry.objects.filter(kind="payout").exists()


def test_a_day_in_a_closed_month_is_told_as_it_was_and_what_was_closed_stays(batch):
    with time_machine.travel(NEW_YEAR):
        closing = services.close_month(batch.organization, month=date(2026, 12, 1), by=UserFactory())

        services.take_results(batch, results=told(batch, "2026-12-31"), by=UserFactory())
        [before] = tax_years(batch.organization, year=2026)

    assert before.total == 1400
    assert is_as_it_was_closed(closing)
    assert {entry.at.date() for entry in Entry.objects.filter(kind="payout")} == {NEW_YEAR.date()}


def test_the_same_day_again_changes_nothing_and_another_is_told(batch):
    with time_machine.travel(NEW_YEAR):
        by = UserFactory()
        services.take_results(batch, results=told(batch, "2026-12-30"), by=by)

        assert services.take_results(batch, results=told(batch, "2026-12-30"), by=by).known == 2
        assert services.take_results(batch, results=told(batch, ""), by=by).known == 2
        with pytest.raises(BadResults, match="is booked as executed on 2026-12-30, not on 2026-12-31"):
            services.take_results(batch, results=told(batch, "2026-12-31"), by=by)


def test_a_day_that_is_none_is_told_by_its_line(batch):
    with pytest.raises(BadResults, match=r"line 2: executed_on is '30\.12\.2026', it should be a day as in 2026-12-30"):
        told(batch, "30.12.2026")


@pytest.mark.parametrize("day", [NEW_YEAR.date() + timedelta(days=1), date(2026, 12, 28)])
def test_the_database_refuses_such_a_day_too(batch, day):
    payout = batch.payouts.first()

    with pytest.raises(IntegrityError, match="was not sent on"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(state="sent", receipt="R", sent_at=NEW_YEAR, executed_on=day)


def test_the_day_stays_and_code_that_knows_none_books_its_own(batch):
    payout = batch.payouts.first()
    with connection.cursor() as cursor:  # as a process of the release before does
        cursor.execute(
            "UPDATE payments_payout SET state = 'sent', receipt = 'R', sent_at = %s WHERE id = %s",
            [NEW_YEAR, payout.pk],
        )

    payout.refresh_from_db()
    assert payout.executed_on == NEW_YEAR.date()
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(executed_on=EVE.date())
