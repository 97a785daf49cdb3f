"""The rows on their way into a file, counted and summed as they pass."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from apps.reports.payments.rows import Row


class Table:
    """Rows to go through once; afterwards `rows` and `totals` (by currency, sorted) say what passed."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self._totals: dict[str, Decimal] = {}
        self.rows = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.rows += 1
            self._totals[row.currency] = self._totals.get(row.currency, Decimal(0)) + row.amount
            yield row

    @property
    def totals(self) -> dict[str, Decimal]:
        return dict(sorted(self._totals.items()))
