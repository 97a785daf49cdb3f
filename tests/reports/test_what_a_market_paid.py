"""What a market paid is in finance's reports: with its receipt, in the tax year apart, and beside the market's list."""

import io
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import time_machine

from apps.channels.models import Reconciliation
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.payments import services
from apps.payments.models import Obligation, Settlement
from apps.reports import payments
from apps.reports.payments.market_file import write_reconciliation
from apps.reports.payments.tax import tax_years
from tests.factories import CampaignFactory, OrganizationFactory, UserFactory, WorkerFactory
from tests.reports.crowd import NOON

pytestmark = pytest.mark.django_db
MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))


def owed(channel: str = "mturk", amount: int = 300) -> Obligation:
    """Return the bonus of a new worker of a channel, owed at noon."""
    with time_machine.travel(NOON):
        worker = WorkerFactory(channel=channel)
        ledger.deposit(worker.organization, amount=1000, currency="USD", reference="bank 1")
        return services.pay_bonus(
            worker, amount=amount, currency="USD", reference="b1", reason="well done", by=UserFactory(),
            campaign=CampaignFactory(dataset__organization=worker.organization),
        )  # fmt: skip


def settled(bonus: Obligation, at: datetime) -> Settlement:
    with time_machine.travel(at):
        return services.settle(bonus, channel="mturk", receipt="3ABC", fee=60)


def listed(bonus: Obligation, path: Path, *, until: datetime) -> list[dict[str, Any]]:
    payments.write_payments(bonus.organization, since=MAY, until=until, format="json", path=path)
    return json.loads(path.read_text())["payments"]


def test_a_row_that_a_market_paid_is_sent_in_no_batch_and_has_its_receipt(tmp_path: Path) -> None:
    bonus = owed()
    settled(bonus, NOON)

    [row] = listed(bonus, tmp_path / "may.json", until=JUNE)

    assert (row["payout_state"], row["payout_batch"], row["receipt"]) == ("sent", "", "3ABC")
    assert row["amount"] == "3.00"


def test_what_a_market_paid_after_a_period_is_owed_in_its_report(tmp_path: Path) -> None:
    bonus = owed()
    settled(bonus, JUNE)

    [may] = listed(bonus, tmp_path / "may.json", until=JUNE)
    [both] = listed(bonus, tmp_path / "both.json", until=JULY)

    assert (may["payout_state"], may["receipt"]) == ("owed", "")
    assert (both["payout_state"], both["receipt"]) == ("sent", "3ABC")


def test_a_tax_year_keeps_what_markets_paid_apart_as_they_report_it() -> None:
    bonus = owed()
    settled(bonus, NOON)

    [year] = tax_years(bonus.organization, year=2026)

    assert (year.by_markets, year.total, year.reported, year.others) == (300, 0, [], 0)
    assert tax_years(bonus.organization, year=2025) == []


def test_what_is_in_a_payout_of_ours_is_not_settled_by_a_market() -> None:
    bonus = owed(channel="internal")
    services.plan_payouts(bonus.organization, currency="USD")

    with pytest.raises(services.PaidByUs, match="is in a payout of ours"):
        services.settle(bonus, channel="mturk", receipt="3ABC", fee=0)

    assert not Settlement.objects.exists()
    assert books.balance(bonus.organization, kind="payable", currency="USD") == 300


def test_what_markets_pay_comes_into_no_payout_of_ours() -> None:
    bonus = owed()

    with pytest.raises(services.NothingOwed):
        services.plan_payouts(bonus.organization, currency="USD")


def test_a_comparison_is_a_file_of_sums_fees_and_what_one_side_lacks_or_nobody_watches() -> None:
    row = Reconciliation.objects.create(
        organization=OrganizationFactory(), channel="mturk", currency="USD", made_at=NOON,
        ours=3, ours_amount=510, market=1, market_amount=10, fees=2, pending=1, unread=4,
        differences=[
            {"side": "ours", "times": 2, "kind": "bonus", "assignment": "A2", "worker": "=W2", "amount": 250}
        ],
        orphans=[{"name": "HIT7"}],
    )  # fmt: skip
    file, again = io.BytesIO(), io.BytesIO()

    told = write_reconciliation(row, file)
    write_reconciliation(row, again)

    at = "2026-05-04T12:00:00.000000Z,mturk"
    assert file.getvalue().decode().splitlines() == [
        "made_at,channel,line,side,kind,assignment,worker,payments,amount,currency",
        f"{at},total,ours,,,,3,5.10,USD",
        f"{at},total,market,,,,1,0.10,USD",
        f"{at},fees,ours,,,,,0.02,USD",
        f"{at},on their way,,,,,1,,USD",
        f"{at},lists not read,market,,,,4,,USD",
        f"{at},difference,ours,bonus,A2,'=W2,2,2.50,USD",
        f"{at},unwatched,market,offer,HIT7,,,,USD",
    ]
    assert file.getvalue() == again.getvalue()
    assert (told.rows, told.bytes, told.sha256) == (7, len(file.getvalue()), sha256(file.getvalue()).hexdigest())
    assert told.totals == {"ours USD": "5.10", "market USD": "0.10", "fees USD": "0.02"}
