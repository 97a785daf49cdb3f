import csv
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection

from apps.campaigns.models import Campaign
from apps.ledger import services as ledger
from apps.ledger.models import Account
from apps.payments.models import Obligation
from apps.reports import payments
from apps.reports.formats import UnknownFormat
from apps.reports.manifest import Manifest
from tests.reports import crowd
from tests.reports.crowd import NOON

pytestmark = pytest.mark.django_db
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def written(campaign: Campaign, path: Path, format_: str = "json", **period: Any) -> Manifest:
    return payments.write_payments(
        campaign.organization, **{"since": MAY, "until": JUNE, **period}, format=format_, path=path
    )


def listed(campaign: Campaign, path: Path, **period: Any) -> list[dict[str, str]]:
    written(campaign, path, **period)
    return json.loads(path.read_text())["payments"]


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_row_says_who_is_owed_what_for_which_page_and_how_it_was_paid(tmp_path: Path) -> None:
    campaign = crowd.campaign(name="Animals")
    owed = crowd.owe(campaign, crowd.worker(campaign, "w1"), 1205, at=NOON)
    payout = crowd.pay_out(owed, at=NOON + timedelta(days=1), receipt="SEPA 77")

    [row] = listed(campaign, tmp_path / "may.json")

    assert row == {
        "worker": "w1",
        "worker_name": "Name of w1",
        "campaign": "Animals",
        "assignment": str(owed.assignment_id),
        "obligation": str(owed.pk),
        "kind": "work",
        "owed_at": "2026-05-04T12:00:00.000000Z",
        "amount": "12.05",
        "currency": "USD",
        "payout_state": "sent",
        "payout_batch": str(payout.batch_id),
        "receipt": "SEPA 77",
    }


def test_what_is_in_no_payout_is_owed(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.owe(campaign, crowd.worker(campaign, "w1"), 5)

    [row] = listed(campaign, tmp_path / "may.json")

    assert (row["payout_state"], row["payout_batch"], row["receipt"]) == ("owed", "", "")


def test_all_formats_hold_the_same_rows_in_the_same_columns(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    for n in (3, 1, 2):
        crowd.owe(campaign, crowd.worker(campaign, f"w{n}"), n, at=NOON + timedelta(hours=n))

    in_json = listed(campaign, tmp_path / "may.json")
    written(campaign, tmp_path / "may.csv", "csv")
    written(campaign, tmp_path / "may.xlsx", "xlsx")

    in_csv = cells(tmp_path / "may.csv")
    sheet = openpyxl.load_workbook(tmp_path / "may.xlsx")["Payments"]
    header, *rows = sheet.iter_rows(values_only=True)
    in_xlsx = [
        {name: f"{value:.2f}" if name == "amount" else value or "" for name, value in zip(header, row, strict=True)}
        for row in rows
    ]
    assert in_json == in_csv == in_xlsx
    assert [row["amount"] for row in in_json] == ["0.01", "0.02", "0.03"]


def test_a_period_takes_its_first_moment_and_not_its_last(tmp_path: Path) -> None:
    campaign, a_moment = crowd.campaign(), timedelta(microseconds=1)
    who = crowd.worker(campaign, "w1")
    for n, at in enumerate((MAY - a_moment, MAY, JUNE - a_moment, JUNE), start=1):
        crowd.owe(campaign, who, n, at=at)

    assert [row["amount"] for row in listed(campaign, tmp_path / "may.json")] == ["0.02", "0.03"]


def test_a_period_in_another_zone_is_the_same_stretch_of_time(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.owe(campaign, crowd.worker(campaign, "w1"), 1, at=MAY - timedelta(hours=1))
    east = timezone(timedelta(hours=2))

    rows = listed(campaign, tmp_path / "may.json", since=MAY.replace(tzinfo=east), until=JUNE.replace(tzinfo=east))

    assert [row["owed_at"] for row in rows] == ["2026-04-30T23:00:00.000000Z"]


def test_currencies_are_summed_apart_and_to_their_own_decimals(tmp_path: Path) -> None:
    dollars = crowd.campaign()
    yen = crowd.campaign(dataset=dollars.dataset, currency="JPY")
    who = crowd.worker(dollars, "w1")
    crowd.owe(dollars, who, 10)
    crowd.owe(dollars, who, 25)
    crowd.owe(yen, who, 700)

    manifest = written(dollars, tmp_path / "may.xlsx", "xlsx")

    totals = openpyxl.load_workbook(tmp_path / "may.xlsx")["Totals"]
    assert manifest.totals == {"JPY": "700", "USD": "0.35"}
    assert [(row[0].value, row[1].value) for row in totals.iter_rows(min_row=4)] == [("JPY", 700), ("USD", 0.35)]


@pytest.mark.parametrize("format_", payments.format_names())
def test_the_same_payments_give_the_same_bytes_whenever_they_are_written(format_: str, tmp_path: Path) -> None:
    campaign = crowd.campaign()
    for n in range(1, 4):
        crowd.owe(campaign, crowd.worker(campaign, f"w{n}"), n)
    with time_machine.travel("2026-07-01T10:00:00Z"):
        first = written(campaign, tmp_path / "first", format_)
    with time_machine.travel("2027-01-01T23:59:59Z"):
        again = written(campaign, tmp_path / "again", format_)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert first == again


def test_the_manifest_beside_it_proves_the_file_whole(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.owe(campaign, crowd.worker(campaign, "w1"), 10**16 + 1)
    path = tmp_path / "may.csv"

    written(campaign, path, "csv")

    manifest = json.loads((tmp_path / "may.csv.manifest.json").read_text())
    assert manifest == {
        "file": "may.csv",
        "format": "csv",
        "columns": ["worker", "worker_name", "campaign", "assignment", "obligation", "kind", "owed_at", "amount",
                    "currency", "payout_state", "payout_batch", "receipt"],
        "rows": 1,
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "about": {
            "organization": campaign.organization.slug,
            "since": "2026-05-01T00:00:00.000000Z",
            "until": "2026-06-01T00:00:00.000000Z",
        },
        "totals": {"USD": "100000000000000.01"},
    }  # fmt: skip


def test_no_amount_loses_a_digit_in_a_spreadsheet(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    amounts = [10**16 + 1, 999_999_999_999_999, 1]
    for n, amount in enumerate(amounts):
        crowd.owe(campaign, crowd.worker(campaign, "w1"), amount, at=NOON + timedelta(seconds=n))

    written(campaign, tmp_path / "may.xlsx", "xlsx")

    cells = openpyxl.load_workbook(tmp_path / "may.xlsx")["Payments"]["H"][1:]
    assert [Decimal(str(cell.value)) for cell in cells] == [Decimal(amount).scaleb(-2) for amount in amounts]


def test_names_that_a_spreadsheet_would_run_are_harmless(tmp_path: Path) -> None:
    campaign = crowd.campaign(name="=cmd()")
    crowd.owe(campaign, crowd.worker(campaign, "@w1"), 5)

    written(campaign, tmp_path / "may.csv", "csv")
    written(campaign, tmp_path / "may.xlsx", "xlsx")

    [row] = cells(tmp_path / "may.csv")
    cell = openpyxl.load_workbook(tmp_path / "may.xlsx")["Payments"]["C2"]
    assert (row["worker"], row["campaign"]) == ("'@w1", "'=cmd()")
    assert (cell.value, cell.data_type) == ("=cmd()", "s")


def test_no_report_is_written_when_the_books_hold_more_than_its_rows(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    who = crowd.worker(campaign, "w1")
    crowd.owe(campaign, who, 1000)
    crowd.book(campaign, "by hand", who, 34)

    with pytest.raises(
        payments.BooksDiffer, match=r"the rows sum to 10\.00 USD, which is 0\.34 less than the 10\.34 USD"
    ):
        written(campaign, tmp_path / "may.csv", "csv")

    assert list(tmp_path.iterdir()) == []


def test_no_report_is_written_when_a_row_is_in_no_book(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    who = crowd.worker(campaign, "w1")
    crowd.owe(campaign, who, 1000)
    Obligation.objects.create(
        kind="bonus", organization=campaign.organization, worker=who, amount=1, currency="USD", reference="by hand",
        reason="in no book", owed_at=NOON,
    )  # fmt: skip

    with pytest.raises(payments.BooksDiffer, match=r"0\.01 more than the 10\.00 USD"):
        written(campaign, tmp_path / "may.csv", "csv")


def test_paying_out_and_a_payout_that_comes_back_change_no_total(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    owed = crowd.owe(campaign, crowd.worker(campaign, "w1"), 1000)
    with time_machine.travel(NOON + timedelta(days=1)):
        payout = crowd.pay_out(owed, at=NOON, receipt="SEPA 77")
        payable = ledger.account(
            campaign.organization, kind=Account.Kind.PAYABLE, owner=f"worker:{owed.worker_id}", currency="USD"
        )
        outside = ledger.account(campaign.organization, kind=Account.Kind.OUTSIDE, currency="USD")
        ledger.post(
            campaign.organization, reference=f"payout:{payout.pk}:returned", legs={outside: -1000, payable: 1000}
        )

    assert written(campaign, tmp_path / "may.csv", "csv").totals == {"USD": "10.00"}


def test_another_organizations_payments_are_neither_listed_nor_counted(tmp_path: Path) -> None:
    mine, theirs = crowd.campaign(), crowd.campaign()
    crowd.owe(mine, crowd.worker(mine, "w1"), 1)
    crowd.owe(theirs, crowd.worker(theirs, "w1"), 2)

    assert written(mine, tmp_path / "may.csv", "csv").totals == {"USD": "0.01"}


def test_finance_sees_nothing_of_what_was_labelled(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    task = crowd.task(campaign, "secret-item", data={"text": "secret-text"})
    judgment = crowd.judge(task, crowd.worker(campaign, "w1"), "dog")
    crowd.owe(campaign, judgment.worker, 5)

    written(campaign, tmp_path / "may.json")

    text = (tmp_path / "may.json").read_text()
    assert "secret" not in text
    assert "dog" not in text


def test_a_period_without_payments_gives_a_report_without_rows(tmp_path: Path) -> None:
    for format_ in payments.format_names():
        manifest = written(crowd.campaign(), tmp_path / format_, format_)

        assert (manifest.rows, manifest.totals) == (0, {})
    assert json.loads((tmp_path / "json").read_text())["payments"] == []


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ({"since": datetime(2026, 5, 1)}, "since is 2026-05-01T00:00:00, which names no time zone"),  # noqa: DTZ001
        ({"until": MAY}, "since is 2026-05-01T00:00:00.000000Z; it should be before until"),
    ],
)
def test_what_is_no_period_is_refused(period: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(payments.BadPeriod, match=sentence):
        written(crowd.campaign(), tmp_path / "may.csv", "csv", **period)


def test_an_unknown_format_of_payments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"'pdf' is not one of the formats \['csv', 'json', 'parquet', 'xlsx'\]"):
        written(crowd.campaign(), tmp_path / "may.pdf", "pdf")


@pytest.mark.django_db(transaction=True)
def test_an_approval_while_a_report_is_written_is_in_both_sums_or_in_none(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    who = crowd.worker(campaign, "w1")
    crowd.owe(campaign, who, 1)
    ready = Approving(campaign, who)

    with time_machine.travel(NOON, tick=True):
        manifest = ready.during(lambda: written(campaign, tmp_path / "may.csv", "csv"))

    assert manifest.totals == {"USD": "0.01"}
    assert written(campaign, tmp_path / "may.csv", "csv").totals == {"USD": "0.03"}


class Approving:
    """Owes one payment more after the first query for obligations was answered, from another connection."""

    def __init__(self, campaign: Campaign, who: Any) -> None:
        self.campaign, self.who, self.done = campaign, who, False

    def during(self, write: Any) -> Manifest:
        with connection.execute_wrapper(self._watch):
            return write()

    def _watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "ledger_posting" in sql and not self.done:
            self.done = True
            other = threading.Thread(target=self._owe)
            other.start()
            other.join()
        return execute(sql, params, many, context)

    def _owe(self) -> None:
        try:
            crowd.owe(self.campaign, self.who, 2)
        finally:
            connection.close()
