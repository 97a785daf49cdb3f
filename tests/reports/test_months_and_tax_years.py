"""A month's statement adds up and says what stands against closing it; a year tells who was paid what."""

import hashlib
import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.ledger import services as ledger
from apps.payments import services
from apps.payments.models import Obligation
from apps.reports import payments
from apps.reports.payments.month import first_open, month
from apps.reports.payments.period import month_of
from apps.reports.payments.selection import Selection, lines
from apps.reports.payments.tax import tax_years, write_tax_years
from tests.factories import UserFactory, WorkerFactory
from tests.reports import crowd
from tests.reports.crowd import NOON

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 10, tzinfo=UTC)
MAY = date(2026, 5, 1)


def rich_worker(name: str = "Ada King Lovelace", external_id: str = "w1"):
    worker = WorkerFactory(name=name, external_id=external_id)
    ledger.deposit(worker.organization, amount=100_000, currency="USD", reference="bank 1")
    return worker


def paid(worker, amount: int, name: str = "b1"):
    """Return the payout of a bonus, sent."""
    services.pay_bonus(worker, amount=amount, currency="USD", reference=name, reason="well done", by=UserFactory())
    batch = services.plan_payouts(worker.organization, currency="USD")
    services.approve_batch(batch, by=UserFactory())
    services.begin_all(batch, by=UserFactory())
    payout = batch.payouts.get(worker=worker)
    return services.confirm(payout, receipt="bank 2")


def test_a_statement_goes_from_opening_to_closing_by_what_moved():
    with time_machine.travel(NOON):
        worker = rich_worker()
        paid(worker, 300)
    with time_machine.travel(JUNE):
        paid(worker, 200, "b2")

    [may] = month(worker.organization, day=MAY, now=JUNE).statements
    [june] = month(worker.organization, day=date(2026, 6, 30), now=JUNE).statements

    assert may.accounts == june.accounts == ("outside", "funds", "payable")
    assert (may.opening, may.closing) == ((0, 0, 0), (-99_700, 99_700, 0))
    assert june.opening == may.closing
    assert june.movements == {"bonus": (0, -200, 200), "payout": (200, 0, -200)}
    assert may.balances
    assert june.balances


def test_a_month_is_closed_when_it_is_over_and_owed_equals_booked():
    with time_machine.travel(NOON):
        worker = rich_worker()
        paid(worker, 300)
        blocks = month(worker.organization, day=MAY, now=NOON).blocks
    assert blocks == ["the month is not over: it can be closed from 2026-06-01 on"]
    with time_machine.travel(JUNE):
        assert first_open(worker.organization, now=JUNE) == MAY
        services.close_month(worker.organization, month=MAY, by=UserFactory())

        assert first_open(worker.organization, now=JUNE) == date(2026, 6, 1)
        assert month(worker.organization, day=MAY, now=JUNE).closing is not None


def test_what_is_owed_in_no_book_stands_against_closing():
    with time_machine.travel(NOON):
        worker = rich_worker()
        Obligation.objects.create(
            kind="bonus", organization=worker.organization, worker=worker, amount=7, currency="USD", reference="b",
            reason="in no book",
        )  # fmt: skip

    with (
        time_machine.travel(JUNE),
        pytest.raises(services.CantClose, match=r"0\.07 USD is owed, but the books say 0\.00"),
    ):
        services.close_month(worker.organization, month=MAY, by=UserFactory())

    assert first_open(worker.organization, now=JUNE) == MAY


def test_nothing_is_owed_in_a_closed_month():
    with time_machine.travel(NOON):
        worker = rich_worker()
    with time_machine.travel(JUNE):
        services.close_month(worker.organization, month=MAY, by=UserFactory())

        with pytest.raises(IntegrityError, match="the books are closed"), transaction.atomic():
            Obligation.objects.create(
                kind="bonus", organization=worker.organization, worker=worker, amount=7, currency="USD", reference="b",
                reason="late", owed_at=NOON,
            )  # fmt: skip


def test_a_report_of_a_month_says_the_same_after_what_came_later(tmp_path):
    with time_machine.travel(NOON):
        worker = rich_worker()
        payout = paid(worker, 300)
        services.pay_bonus(worker, amount=5, currency="USD", reference="b2", reason="more", by=UserFactory())
    period = month_of(MAY)
    of = {"since": period.since, "until": period.until, "format": "csv"}
    before = payments.write_payments(worker.organization, path=tmp_path / "before.csv", **of)
    with time_machine.travel(JUNE):
        services.come_back(payout, problem="returned")
        paid(worker, 50, "b3")

    after = payments.write_payments(worker.organization, path=tmp_path / "after.csv", **of)

    assert (tmp_path / "before.csv").read_bytes() == (tmp_path / "after.csv").read_bytes()
    assert before == after
    assert "sent" in (tmp_path / "before.csv").read_text()


def test_sums_lead_from_campaigns_to_workers():
    first, second = crowd.campaign(name="Animals"), None
    second = crowd.campaign(name="Birds", dataset=first.dataset)
    crowd.owe(first, crowd.worker(first, "w1"), 10)
    crowd.owe(second, crowd.worker(first, "w1"), 20)
    crowd.owe(second, crowd.worker(first, "w2"), 5)
    selection = Selection(first.organization, month_of(MAY))

    by_campaign = [(line.name, line.rows, line.amount) for line in lines(selection, by="campaign")]
    inside = lines(Selection(first.organization, month_of(MAY), campaign=second.pk), by="worker")

    assert by_campaign == [("Birds", 2, 25), ("Animals", 1, 10)]
    assert [(line.name, line.amount) for line in inside] == [("Name of w1", 20), ("Name of w2", 5)]


def test_a_narrowed_report_holds_its_part_and_is_still_checked_against_the_books(tmp_path):
    campaign = crowd.campaign()
    one, two = crowd.worker(campaign, "w1"), crowd.worker(campaign, "w2")
    crowd.owe(campaign, one, 10)
    crowd.owe(campaign, two, 20)
    period = month_of(MAY)
    of = {"since": period.since, "until": period.until, "format": "json", "path": tmp_path / "w1.json"}

    manifest = payments.write_payments(campaign.organization, worker=one.pk, **of)
    crowd.book(campaign, "by hand", two, 1)

    assert (manifest.rows, manifest.totals, manifest.about["worker"]) == (1, {"USD": "0.10"}, str(one.pk))
    with pytest.raises(payments.BooksDiffer):
        payments.write_payments(campaign.organization, worker=one.pk, **of)


def test_a_tax_year_reports_who_was_paid_enough_and_masks_names_but_in_the_file():
    with time_machine.travel(NOON):
        ada = rich_worker()
        bob = WorkerFactory(organization=ada.organization, name="Bob Low", external_id="w2")
        paid(ada, 700)
        paid(bob, 599, "b2")
    services.set_policy(ada.organization, currency="USD", by=UserFactory(), tax_report_from=600)

    [year] = tax_years(ada.organization, year=2026)
    file = io.BytesIO()
    told = write_tax_years([year], file)

    assert (told.rows, told.totals, told.about) == (1, {"USD": "7.00"}, {"year": "2026"})
    assert told.sha256 == hashlib.sha256(file.getvalue()).hexdigest()
    assert [(one.masked_name, one.amount) for one in year.reported] == [("A. K. L.", 700)]
    assert (year.others, year.amount_of_others, year.total) == (1, 599, 1299)
    assert file.getvalue().decode().splitlines()[1:] == ["2026,w1,Ada King Lovelace,,1,7.00,USD"]
    assert tax_years(ada.organization, year=2025) == []


def test_what_came_back_in_a_later_year_counts_there():
    with time_machine.travel(datetime(2026, 12, 30, tzinfo=UTC)):
        worker = rich_worker()
        payout = paid(worker, 700)
    with time_machine.travel(datetime(2027, 1, 3, tzinfo=UTC)):
        services.come_back(payout, problem="returned")

    [[before], [after]] = (tax_years(worker.organization, year=year) for year in (2026, 2027))

    assert (before.total, after.total) == (700, -700)
