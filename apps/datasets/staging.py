"""Rows into the database by COPY, a batch at a time: straight in, or by way of a table for the known ones."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from apps.datasets.entries import Bad
from apps.datasets.models import Dataset
from apps.datasets.values import Ready

ADD_NEW = "COPY datasets_item (dataset_id, external_id, data) FROM STDIN"
# COPY can't pass over known items. Temporary: not written to the WAL, and nobody else's.
CREATE = """
CREATE TEMPORARY TABLE IF NOT EXISTS datasets_staged (
    position integer NOT NULL, external_id text NOT NULL, data jsonb NOT NULL
)
"""
EMPTY = "TRUNCATE datasets_staged"
FILL = "COPY datasets_staged (position, external_id, data) FROM STDIN"
ADD_MISSING = """
INSERT INTO datasets_item (dataset_id, external_id, data)
SELECT %s, external_id, data FROM datasets_staged ORDER BY position
ON CONFLICT (dataset_id, external_id) DO NOTHING
"""
# LIMIT keeps the planner, which knows nothing of a table just filled, from reading all items of the dataset.
DIFFERENT = """
SELECT position FROM datasets_staged staged, LATERAL (
    SELECT data FROM datasets_item item
    WHERE item.dataset_id = %s AND item.external_id = staged.external_id LIMIT 1
) kept
WHERE kept.data <> staged.data ORDER BY position
"""


ROWS_A_WRITE = 500  # the driver's way for a write is longer than a row's own


class Outcome(NamedTuple):
    added: int
    known: int
    bad: list[Bad]


class Staging:
    """Adds rows to one dataset, a batch at a time; its methods are called in a transaction."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.key = str(dataset.pk)
        self.expects_new = True

    def add(self, rows: Sequence[Ready]) -> Outcome:
        """Add those rows that the dataset does not have.

        A row is known if the dataset has an item of its external_id with the same data, and bad if with other data.
        While all rows are new they are copied straight in, which takes half the time; the first known one ends that.
        """
        if not rows:
            return Outcome(0, 0, [])
        if self.expects_new:
            try:
                return self._add_new(rows)
            except UniqueViolation:
                self.expects_new = False
        outcome = self._add_missing(rows)
        self.expects_new = outcome.added == len(rows)
        return outcome

    @transaction.atomic
    def _add_new(self, rows: Sequence[Ready]) -> Outcome:
        """Add all rows; raise UniqueViolation, adding none, if the dataset has one of them."""
        with connection.cursor() as cursor, cursor.copy(ADD_NEW) as copy:
            for block in _blocks(_line(self.key, row) for row in rows):
                copy.write(block)
        return Outcome(len(rows), 0, [])

    def _add_missing(self, rows: Sequence[Ready]) -> Outcome:
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.execute(EMPTY)
            with cursor.copy(FILL) as copy:
                for block in _blocks(_line(position, row) for position, row in enumerate(rows)):
                    copy.write(block)
            cursor.execute(ADD_MISSING, [self.dataset.pk])
            added = cursor.rowcount
            if added == len(rows):
                return Outcome(added, 0, [])
            cursor.execute(DIFFERENT, [self.dataset.pk])
            bad = [_taken(rows[position]) for (position,) in cursor.fetchall()]
        return Outcome(added, len(rows) - added - len(bad), bad)


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    while block := "".join(islice(lines, ROWS_A_WRITE)):
        yield block


def _line(first: str | int, row: Ready) -> str:
    r"""Return a row as COPY reads it: a character that it would take for a sign of its own has a backslash before it.

    >>> _line(7, Ready(1, "", "a\tb", r'{"text":"two\nlines"}'))
    '7\ta\\tb\t{"text":"two\\\\nlines"}\n'
    """
    name = row.external_id
    if not name.isalnum():
        name = name.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    # JSON holds no such character but the backslash.
    text = row.text.replace("\\", r"\\")
    return f"{first}\t{name}\t{text}\n"


def _taken(row: Ready) -> Bad:
    reason = f"external_id {row.external_id!r} belongs to an item with other data already; the first one stays"
    return Bad(row.line, reason, row.file)
