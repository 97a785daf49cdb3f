"""Rows of text whose fields are separated by a character, as in RFC 4180."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Any

from apps.datasets import lines
from apps.datasets.entries import Bad, Refused, Row, shown
from apps.datasets.limits import KIB, MAX_FIELD_NAME, MAX_FIELDS, MAX_ROW_BYTES, MAX_UNCLOSED_QUOTES
from apps.datasets.lines import Line
from apps.datasets.source import Source


def read(source: Source, *, delimiter: str) -> Iterator[Row | Bad]:
    """Yield a row for every record after the header, all values as text; blank lines are passed over.

    A record with a quote that isn't closed would hide those after it: only its first line is given up, and reading goes
    on with the second.
    """
    # The limit is one for the whole process; ours is the only reader of CSV in it.
    csv.field_size_limit(MAX_ROW_BYTES)
    records = _Records(source, delimiter)
    header = _header(next(records, None), source.name, delimiter)
    for record in records:
        if isinstance(record, Bad):
            yield record
            continue
        line, values, size = record
        if len(values) == len(header):
            yield Row(line, dict(zip(header, values, strict=True)), size)
        else:
            yield Bad(line, f"has {len(values)} fields where the header has {len(header)}")


def _header(record: "Bad | tuple[int, list[str], int] | None", name: str, delimiter: str) -> list[str]:
    """Return the names of the columns; raise `Refused` unless each is there, once."""
    if record is None:
        raise Refused(f"{name!r} holds nothing but blank lines")
    if isinstance(record, Bad):
        raise Refused(f"the header of {name!r} {record.reason}")
    header = [column.strip() for column in record[1]]
    if len(header) > MAX_FIELDS:
        raise Refused(f"{name!r} has {len(header):,} columns, {MAX_FIELDS} are the most")
    if len(header) == 1 and ";" in header[0] and delimiter != ";":
        raise Refused(
            f"the header of {name!r} has semicolons; separate the columns by commas, or by tabs in a .tsv file"
        )
    places: dict[str, int] = {}
    for place, column in enumerate(header, start=1):
        if not column:
            raise Refused(f"column {place} of {name!r} has no name in the header")
        if len(column) > MAX_FIELD_NAME:
            raise Refused(f"the name of column {place} of {name!r} has more than {MAX_FIELD_NAME} characters")
        if column in places:
            raise Refused(f"{name!r} has two columns {shown(column)}: {places[column]} and {place}")
        places[column] = place
    if header == ["external_id"]:
        raise Refused(f"{name!r} has no column besides external_id")
    return header


class _TooLong(Exception):
    """A record in quotes goes on past what a row may be."""


class _Records(Iterator["Bad | tuple[int, list[str], int]"]):
    """Records one by one. Keeps the lines of each, to tell where it began and to read them again."""

    def __init__(self, source: Source, delimiter: str) -> None:
        self.name = source.name
        self.unread = lines.read(source.stream(), name=source.name)
        self.again: deque[Line] = deque()
        self.record: list[Line] = []
        self.size = 0
        self.unclosed = 0
        self.reader: Any = csv.reader(self._lines(), delimiter=delimiter, strict=True)
        self.delimiter = delimiter

    def _lines(self) -> Iterator[str]:
        record, again, unread = self.record, self.again, self.unread
        while (line := again.popleft() if again else next(unread, None)) is not None:
            self.size += len(line.text)
            record.append(line)
            if self.size > MAX_ROW_BYTES and len(record) > 1:
                raise _TooLong
            yield line.text

    def __next__(self) -> "Bad | tuple[int, list[str], int]":
        while True:
            self.record.clear()
            self.size = 0
            try:
                values: list[str] = next(self.reader)
            except _TooLong:
                return self._give_up(f"opens a quote that isn't closed within {MAX_ROW_BYTES // KIB:,} KiB")
            except csv.Error as error:
                return self._give_up(_sentence(error, lines=len(self.record)))
            first = self.record[0]
            for line in self.record:
                if line.problem:
                    return Bad(first.number, line.problem)
            if values:
                return first.number, values, self.size

    def _give_up(self, reason: str) -> Bad:
        """Give up the first line of the record, and have the others read again."""
        first, *others = self.record
        if others:
            self.unclosed += 1
            if self.unclosed > MAX_UNCLOSED_QUOTES:
                raise Refused(f"{self.name!r} has more than {MAX_UNCLOSED_QUOTES} rows with quotes that aren't closed")
            self.again.extendleft(reversed(others))
        # The generator that raised is finished, and one that did not still holds the old record.
        self.reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
        return Bad(first.number, first.problem or reason)


def _sentence(error: csv.Error, *, lines: int) -> str:
    """Say what the csv module found in the words of whoever wrote the file."""
    text = str(error)
    if "unexpected end" in text or lines > 1:
        return "opens a quote that isn't closed"
    if "expected after" in text:
        return "has text after a closing quote; a quote inside a field is written twice"
    if "new-line character" in text:
        return "has a carriage return outside quotes; lines end with LF or CRLF"
    return f"can't be read: {text}"
