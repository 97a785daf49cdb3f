"""A month's statements as a file: a line for each movement of each account, with what was there before and after."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import IO

from apps.core import money
from apps.reports.cells import neutral
from apps.reports.payments.month import Statement

COLUMNS = ("month", "currency", "movement", "account", "amount")
OPENING, CLOSING = "opening", "closing"


def write_statements(statements: Iterable[Statement], sink: IO[bytes], *, month: date) -> None:
    """Write them as CSV, the same bytes every time: each account's opening and movements sum to its closing."""
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in statements:
        lines = ((OPENING, one.opening), *one.movements.items(), (CLOSING, one.closing))
        for movement, amounts in lines:
            for account, minor in zip(one.accounts, amounts, strict=True):
                if minor or movement in (OPENING, CLOSING):
                    amount = f"{money.to_decimal(minor, one.currency):f}"
                    cells = (f"{month:%Y-%m}", one.currency, movement, account, amount)
                    writer.writerow([neutral(cell) for cell in cells])
    text.flush()
    text.detach()
