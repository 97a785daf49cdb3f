"""A market's statement against our books, as a file: what each side paid, every payment that one of
them lacks, and every offer there that nothing here watches."""

import csv
import io
from collections.abc import Sequence
from typing import IO

from apps.channels.models import Reconciliation
from apps.core import money
from apps.reports.cells import neutral
from apps.reports.payments.period import utc

COLUMNS = ("made_at", "channel", "line", "side", "kind", "assignment", "worker", "payments", "amount", "currency")


def write_reconciliation(row: Reconciliation, sink: IO[bytes]) -> None:
    """Write it as CSV, the same bytes every time: two lines of sums, of fees, and each difference and orphan."""
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in _lines(row):
        cells = (utc(row.made_at), row.channel, *line, row.currency)
        writer.writerow([neutral(cell) for cell in cells])
    text.flush()
    text.detach()


def _lines(row: Reconciliation) -> Sequence[tuple[str, ...]]:
    def shown(minor: int) -> str:
        return f"{money.to_decimal(minor, row.currency):f}"

    sums = [
        ("total", "ours", "", "", "", str(row.ours), shown(row.ours_amount)),
        ("total", "market", "", "", "", str(row.market), shown(row.market_amount)),
        ("fees", "ours", "", "", "", "", shown(row.fees)),
    ]
    found = [
        ("difference", str(one["side"]), str(one["kind"]), str(one["assignment"]), str(one["worker"]),
         str(one.get("times", 1)), shown(int(one["amount"])))
        for one in row.differences
    ]  # fmt: skip
    orphans = [("unwatched", "market", "offer", str(one["name"]), "", "", "") for one in row.orphans]
    return sums + found + orphans
