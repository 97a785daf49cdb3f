"""CSV and TSV files, read by Arrow; Python reads them again only to say which line is wrong."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow

from .columns import BadFile, Rows, column, require, tidy

BLOCKS = (1 << 22, 1 << 26, 1 << 30)  # bytes; no row may be longer than a block, and few are longer than the first

TOLD = re.compile(r"sep=([^\w\s\"']|\t)", re.IGNORECASE)


def read(path: Path, wanted: tuple[str, ...]) -> Rows:
    """Return the wanted columns, in a memory that grows with the distinct values and 4 bytes a value."""
    before, between, header = _header(path)
    named = dict(zip(map(tidy, header), header, strict=False))
    require(path, wanted, [tidy(name) for name in header])
    parse = arrow.ParseOptions(delimiter=between, newlines_in_values=True)
    convert = arrow.ConvertOptions(
        include_columns=[named[name] for name in wanted],
        column_types={named[name]: pa.dictionary(pa.int32(), pa.string()) for name in wanted},
    )
    for block in BLOCKS:
        reading = arrow.ReadOptions(block_size=block, skip_rows=before)
        try:
            table = arrow.read_csv(path, read_options=reading, parse_options=parse, convert_options=convert)
            break
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or block == BLOCKS[-1] or block > path.stat().st_size:
                raise BadFile(f"{path.name}, {_fault(path, header) or error}") from error
    if _quotes(path) % 2 and (fault := _fault(path, header)):  # the last quote took in the rest of the file
        raise BadFile(f"{path.name}, {fault}")
    columns = {name: column(table[named[name]]) for name in wanted}
    return Rows(path, columns, lambda row: f"line {_line(path, row)}")


def headings(path: Path) -> list[str]:
    """Return the names of the columns."""
    return [tidy(name) for name in _header(path)[2]]


def _header(path: Path) -> tuple[int, str, list[str]]:
    """Return how many lines stand before the names of the columns, the delimiter, and the names.

    Blank lines may; and a line such as sep=; by which Excel is told the delimiter.
    """
    told = ""
    with path.open("rb") as file:
        for before, line in enumerate(file):
            try:
                text = line.decode("utf-8-sig" if before == 0 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                raise BadFile(f"{path.name}, line {before + 1}: this is not UTF-8 text") from None
            if "\r" in text:
                raise BadFile(f"{path.name}: lines end with carriage returns alone; they should end with line feeds")
            if found := TOLD.fullmatch(text):
                told = found[1]
            elif text.strip():
                between = told or max(",\t;", key=text.count)
                return before, between, next(csv.reader([text], delimiter=between))
    raise BadFile(f"{path.name}, line 1: this should name the columns, but is empty")


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the values of each record after the header; blank lines are none."""
    csv.field_size_limit(sys.maxsize)
    before, between, _ = _header(path)
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(islice(lines, before, None), delimiter=between, strict=True)
        next(reader)
        line = before + reader.line_num
        for values in reader:
            if values:
                yield line + 1, values
            line = before + reader.line_num


def _line(path: Path, row: int) -> int:
    return next(line for number, (line, _) in enumerate(_records(path)) if number == row)


def _quotes(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b'"') for block in iter(lambda: file.read(BLOCKS[0]), b""))


def _fault(path: Path, header: list[str]) -> str:
    """Return what is wrong with the first line that no CSV file may hold; '' where nothing is found."""
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            try:
                text.decode()
            except UnicodeDecodeError as error:
                return f"line {number}: byte {error.start + 1} of this line is not UTF-8 text"
    line = 1
    try:
        for line, values in _records(path):
            if len(values) != len(header):
                return (
                    f"line {line}: there are {len(values)} values, there should be {len(header)}: {', '.join(header)}"
                )
    except csv.Error as error:
        return f"after line {line}: a quote is not closed, or closed too early ({error})"
    return ""
