"""A month's statements as a file: a line for each movement of each account, with what was there before and after."""

import csv
import hashlib
import io
from collections.abc import Iterable
from datetime import date
from typing import IO

from apps.core import money
from apps.reports.cells import neutral
from apps.reports.manifest import Manifest
from apps.reports.payments.month import Statement

COLUMNS = ("month", "currency", "movement", "account", "amount")
OPENING, CLOSING = "opening", "closing"


def write_statements(statements: Iterable[Statement], sink: IO[bytes], *, month: date) -> Manifest:
    """Write them as CSV, the same bytes every time: each account's opening and movements sum to its closing.

    Returns what the file holds; its totals are what all movements sum to, which is zero in each currency.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    rows = 0
    totals: dict[str, int] = {}
    for one in statements:
        lines = ((OPENING, one.opening), *one.movements.items(), (CLOSING, one.closing))
        for movement, amounts in lines:
            for account, minor in zip(one.accounts, amounts, strict=True):
                if minor or movement in (OPENING, CLOSING):
                    amount = f"{money.to_decimal(minor, one.currency):f}"
                    cells = (f"{month:%Y-%m}", one.currency, movement, account, amount)
                    writer.writerow([neutral(cell) for cell in cells])
                    rows += 1
        totals[one.currency] = sum(sum(amounts) for amounts in one.movements.values())
    content = text.getvalue().encode()
    sink.write(content)
    return Manifest(
        "csv", COLUMNS, rows, len(content), hashlib.sha256(content).hexdigest(), {"month": f"{month:%Y-%m}"},
        {currency: f"{money.to_decimal(minor, currency):f}" for currency, minor in totals.items()},
    )  # fmt: skip
