"""The rows on their way into a file, counted and summed as they pass."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from apps.reports.payments.rows import Row

TELL_EVERY = 1000  # rows
Tell = Callable[[int], None]


class Table:
    """Rows to go through once; afterwards `rows` and `totals` (by currency, sorted) say what passed.

    `tell` hears now and then how many have passed.
    """

    def __init__(self, rows: Iterable[Row], *, tell: Tell | None = None) -> None:
        self._rows = rows
        self._tell = tell
        self._totals: dict[str, Decimal] = {}
        self.rows = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.rows += 1
            self._totals[row.currency] = self._totals.get(row.currency, Decimal(0)) + row.amount
            if self._tell and self.rows % TELL_EVERY == 0:
                self._tell(self.rows)
            yield row

    @property
    def totals(self) -> dict[str, Decimal]:
        return dict(sorted(self._totals.items()))
