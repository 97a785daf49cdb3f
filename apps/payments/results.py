"""What a bank or platform says became of payouts, as a CSV file: `payout`, `receipt` or `problem`, and which day."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

COLUMNS = ("payout", "receipt", "problem")
DAY = "executed_on"  # a column that a file may have besides
# What names a day, and what is one: a tax year would be wrong, and nobody see it, if such a column were passed over.
_NAMES_A_DAY = re.compile(r"(?<![a-z])(date|day)(?![a-z])|executed")
_IS_A_DAY = re.compile(r"\s*(\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4})(?!\d)")


class BadResults(ValueError):
    """The file can't be taken as it is; `problems` are sentences, one for a line. Nothing of it was taken."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Result:
    """One line: the payout by its reference, and either what proves that it was sent, or why it was not.

    `executed_on` is the day on which it was sent; None is the day on which the line is taken.
    """

    line: int
    payout: str
    receipt: str
    problem: str
    executed_on: date | None = None


def read(raw: bytes) -> Iterator[Result]:
    """Yield the lines that say something; other columns, and lines without receipt and problem, are passed over.

    But not one that looks like a day, in a file that has no `executed_on`.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadResults(["the file is not text in UTF-8: save it as CSV (UTF-8)"]) from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadResults([f"the first line should name the columns {', '.join(COLUMNS)}: {missing[0]!r} is missing"])
    has_day = DAY in (rows.fieldnames or ())
    if not has_day:
        _check_none_is_a_day(name for name in rows.fieldnames or () if _names_a_day(name))
    try:
        for row in rows:
            payout, receipt, problem = ((row[name] or "").strip() for name in COLUMNS)
            if receipt or problem:
                if not has_day:
                    _check_none_is_a_day(name for name, cell in row.items() if name not in COLUMNS and _is_a_day(cell))
                yield Result(rows.line_num, payout, receipt, problem, _day(row.get(DAY) or "", rows.line_num))
    except csv.Error as error:
        raise BadResults([f"line {rows.line_num} is not CSV: {error}"]) from None


def _check_none_is_a_day(columns: Iterable[str]) -> None:
    for name in columns:
        raise BadResults(
            [f"the column {name!r} looks like a day: the bank's is read of {DAY} alone; name it so, or take it out"]
        )


def _names_a_day(column: str) -> bool:
    plain = "_".join(column.lower().split())
    return bool(_NAMES_A_DAY.search(plain) or get_close_matches(plain, [DAY], cutoff=0.75))


def _is_a_day(cell: Any) -> bool:
    return isinstance(cell, str) and _IS_A_DAY.match(cell) is not None


def _day(text: str, line: int) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise BadResults([f"line {line}: {DAY} is {text!r}, it should be a day as in 2026-12-30"]) from None
