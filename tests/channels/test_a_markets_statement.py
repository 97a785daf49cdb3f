"""A market's list of payments against ours, as finance gets it: a file."""

import csv
from pathlib import Path

import pytest

from tests.channels.market import Market, launched, worked
from tests.console.test_commands import said

pytestmark = pytest.mark.django_db


def test_a_statement_is_written_as_a_file_whose_sums_agree(market: Market, tmp_path: Path) -> None:
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    worked(market)

    told = said("mturk", "reconcile", organization=campaign.organization.slug, file=tmp_path / "statement.csv")

    rows = list(csv.DictReader((tmp_path / "statement.csv").read_text().splitlines()))
    assert "1 payments, 0.10 USD; the market's: 1" in told
    assert [(row["line"], row["side"], row["payments"], row["amount"]) for row in rows] == [
        ("total", "ours", "1", "0.10"), ("total", "market", "1", "0.10"), ("fees", "ours", "", "0.00"),
        ("on their way", "", "0", ""), ("lists not read", "market", "0", ""),
    ]  # fmt: skip
