"""A market's statement against our books, as a file: what each side paid, every payment that one of
them lacks, and every offer there that nothing here watches."""

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import IO

from apps.channels.models import Reconciliation
from apps.core import money
from apps.reports.cells import neutral
from apps.reports.manifest import Manifest
from apps.reports.payments.period import utc

COLUMNS = ("made_at", "channel", "line", "side", "kind", "assignment", "worker", "payments", "amount", "currency")


def write_reconciliation(row: Reconciliation, sink: IO[bytes]) -> Manifest:
    """Write it as CSV, the same bytes every time: two lines of sums, of fees, of what was left out or not read, and
    each difference and orphan.

    Returns what the file holds; its totals are what each side paid.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    lines = _lines(row)
    for line in lines:
        cells = (utc(row.made_at), row.channel, *line, row.currency)
        writer.writerow([neutral(cell) for cell in cells])
    content = text.getvalue().encode()
    sink.write(content)
    about = {"made_at": utc(row.made_at), "channel": row.channel, "compared": row.publications}
    totals = {f"{side} {row.currency}": _shown(row, minor) for side, minor in _sides(row)}
    return Manifest("csv", COLUMNS, len(lines), len(content), hashlib.sha256(content).hexdigest(), about, totals)


def _sides(row: Reconciliation) -> tuple[tuple[str, int], ...]:
    return ("ours", row.ours_amount), ("market", row.market_amount), ("fees", row.fees)


def _shown(row: Reconciliation, minor: int) -> str:
    return f"{money.to_decimal(minor, row.currency):f}"


def _lines(row: Reconciliation) -> Sequence[tuple[str, ...]]:
    def shown(minor: int) -> str:
        return _shown(row, minor)

    sums = [
        ("total", "ours", "", "", "", str(row.ours), shown(row.ours_amount)),
        ("total", "market", "", "", "", str(row.market), shown(row.market_amount)),
        ("fees", "ours", "", "", "", "", shown(row.fees)),
        ("on their way", "", "", "", "", str(row.pending), ""),
        ("lists not read", "market", "", "", "", str(row.unread), ""),
    ]
    found = [
        ("difference", str(one["side"]), str(one["kind"]), str(one["assignment"]), str(one["worker"]),
         str(one.get("times", 1)), shown(int(one["amount"])))
        for one in row.differences
    ]  # fmt: skip
    orphans = [("unwatched", "market", "offer", str(one["name"]), "", "", "") for one in row.orphans]
    return sums + found + orphans
