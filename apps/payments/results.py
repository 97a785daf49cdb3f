"""What a bank or platform says became of payouts, as a CSV file: `payout`, `receipt` or `problem`."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = ("payout", "receipt", "problem")


class BadResults(ValueError):
    """The file can't be taken as it is; `problems` are sentences, one for a line. Nothing of it was taken."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Result:
    """One line: the payout by its reference, and either what proves that it was sent, or why it was not."""

    line: int
    payout: str
    receipt: str
    problem: str


def read(raw: bytes) -> Iterator[Result]:
    """Yield the lines that say something; other columns, and lines without receipt and problem, are passed over."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadResults(["the file is not text in UTF-8: save it as CSV (UTF-8)"]) from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadResults([f"the first line should name the columns {', '.join(COLUMNS)}: {missing[0]!r} is missing"])
    try:
        for row in rows:
            payout, receipt, problem = ((row[name] or "").strip() for name in COLUMNS)
            if receipt or problem:
                yield Result(rows.line_num, payout, receipt, problem)
    except csv.Error as error:
        raise BadResults([f"line {rows.line_num} is not CSV: {error}"]) from None
