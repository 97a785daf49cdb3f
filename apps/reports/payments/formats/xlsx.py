"""A spreadsheet: a sheet of payments and one of totals. Text is text, never a formula; amounts can be summed."""

from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from apps.reports.formats import TooManyRows
from apps.reports.payments.period import Period, utc
from apps.reports.payments.rows import COLUMNS, Row
from apps.reports.payments.table import Table

MOST_ROWS = 1_048_576 - 1  # of a sheet, without the header
_EXACT_DIGITS = 15  # a spreadsheet's numbers have no more
_BORN = datetime(1980, 1, 1)  # noqa: DTZ001 - the file says when it was made, and must not
_WIDTHS = (18, 24, 28, 38, 12, 11, 28, 14, 9, 13, 38, 28)


def write(table: Table, sink: IO[bytes], *, period: Period) -> None:
    # In this mode a row is on disk before the next one is written.
    book = xlsxwriter.Workbook(sink, {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": "Payments", "created": _BORN})
    bold = book.add_format({"bold": True})
    try:
        _payments(book, bold, table)
        _totals(book, bold, table, period)
    finally:
        book.close()


def _payments(book: Any, bold: Any, table: Table) -> None:
    sheet = book.add_worksheet("Payments")
    sheet.freeze_panes(1, 0)
    for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, bold)
    amounts = _Amounts(book)
    for line, row in enumerate(table, start=1):
        if line > MOST_ROWS:
            raise TooManyRows(f"there are more than the {MOST_ROWS:,} payments that fit into a sheet; use csv")
        _row(sheet, line, row, amounts)


def _row(sheet: Any, line: int, row: Row, amounts: "_Amounts") -> None:
    for column, value in enumerate(vars(row).values()):
        if isinstance(value, Decimal):
            amounts.write(sheet, line, column, value)
        elif value:
            sheet.write_string(line, column, _storable(value))


def _totals(book: Any, bold: Any, table: Table, period: Period) -> None:
    sheet = book.add_worksheet("Totals")
    sheet.set_column(0, 1, 28)
    for line, (name, value) in enumerate((("since", period.since), ("until (not included)", period.until))):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, utc(value))
    amounts = _Amounts(book)
    for line, (currency, total) in enumerate(table.totals.items(), start=3):
        sheet.write_string(line, 0, currency, bold)
        amounts.write(sheet, line, 1, total)


class _Amounts:
    """Writes amounts with the decimals they have: as numbers where those are exact, else as text."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[int, Any] = {}

    def write(self, sheet: Any, line: int, column: int, amount: Decimal) -> None:
        _, digits, exponent = amount.as_tuple()
        decimals = -int(exponent)
        if decimals not in self._formats:
            pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            self._formats[decimals] = self._book.add_format({"num_format": pattern})
        if len(digits) <= _EXACT_DIGITS:
            sheet.write_number(line, column, float(amount), self._formats[decimals])
        else:
            sheet.write_string(line, column, f"{amount:f}")


def _storable(text: str) -> str:
    """Return the text without the two characters that XML can't hold and xlsxwriter does not escape."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
