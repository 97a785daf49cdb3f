"""CSV and TSV files, read by Arrow; Python reads them again only to say which line is wrong."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow

from .columns import BadFile, Rows, column, require

BLOCKS = (1 << 22, 1 << 26, 1 << 30)  # bytes; no row may be longer than a block, and few are longer than the first


def read(path: Path, wanted: tuple[str, ...]) -> Rows:
    """Return the wanted columns, in a memory that grows with the distinct values and 4 bytes a value."""
    between, header = _header(path)
    require(path, wanted, header)
    parse = arrow.ParseOptions(delimiter=between, newlines_in_values=True)
    convert = arrow.ConvertOptions(
        include_columns=list(wanted), column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in wanted}
    )
    for block in BLOCKS:
        reading = arrow.ReadOptions(block_size=block)
        try:
            table = arrow.read_csv(path, read_options=reading, parse_options=parse, convert_options=convert)
            break
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or block == BLOCKS[-1] or block > path.stat().st_size:
                raise BadFile(f"{path.name}, {_fault(path, between, header) or error}") from error
    if _quotes(path) % 2 and (fault := _fault(path, between, header)):  # the last quote took in the rest of the file
        raise BadFile(f"{path.name}, {fault}")
    columns = {name: column(table[name]) for name in wanted}
    return Rows(path, columns, lambda row: f"line {_line(path, between, row)}")


def headings(path: Path) -> list[str]:
    """Return the names of the columns."""
    return _header(path)[1]


def _header(path: Path) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the columns."""
    with path.open("rb") as file:
        line = file.readline()
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadFile(f"{path.name}, line 1: this is not UTF-8 text") from None
    if not text:
        raise BadFile(f"{path.name}, line 1: this should name the columns, but is empty")
    if "\r" in text:
        raise BadFile(f"{path.name}: lines end with carriage returns alone; they should end with line feeds")
    between = max(",\t;", key=text.count)
    return between, next(csv.reader([text], delimiter=between))


def _records(path: Path, between: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the values of each record after the header; blank lines are none."""
    csv.field_size_limit(sys.maxsize)
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(lines, delimiter=between, strict=True)
        next(reader)
        line = reader.line_num
        for values in reader:
            if values:
                yield line + 1, values
            line = reader.line_num


def _line(path: Path, between: str, row: int) -> int:
    return next(line for number, (line, _) in enumerate(_records(path, between)) if number == row)


def _quotes(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b'"') for block in iter(lambda: file.read(BLOCKS[0]), b""))


def _fault(path: Path, between: str, header: list[str]) -> str:
    """Return what is wrong with the first line that no CSV file may hold; '' where nothing is found."""
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            try:
                text.decode()
            except UnicodeDecodeError as error:
                return f"line {number}: byte {error.start + 1} of this line is not UTF-8 text"
    line = 1
    try:
        for line, values in _records(path, between):
            if len(values) != len(header):
                return (
                    f"line {line}: there are {len(values)} values, there should be {len(header)}: {', '.join(header)}"
                )
    except csv.Error as error:
        return f"after line {line}: a quote is not closed, or closed too early ({error})"
    return ""
