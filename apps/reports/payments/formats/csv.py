"""CSV (RFC 4180, UTF-8): one row a payment and no row of totals, so that a column sums to its total."""

import csv
import io
from typing import IO

from apps.reports.cells import neutral
from apps.reports.payments.period import Period
from apps.reports.payments.rows import COLUMNS, Row
from apps.reports.payments.table import Table


def write(table: Table, sink: IO[bytes], *, period: Period) -> None:
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in table)
    text.flush()
    text.detach()


def _cells(row: Row) -> list[str]:
    """Return the row as text; every cell is made harmless, and amounts are numbers, which stay as they are."""
    return [neutral(value if isinstance(value, str) else f"{value:f}") for value in vars(row).values()]
