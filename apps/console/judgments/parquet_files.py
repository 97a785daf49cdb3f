"""Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from .columns import BadFile, Rows, column, require
from .jsonl_files import as_text, strings


def read(path: Path, wanted: tuple[str, ...]) -> Rows:
    """Return the wanted columns; numbers, lists and structures become their JSON text."""
    require(path, wanted, headings(path))
    try:
        table = parquet.read_table(path, columns=list(wanted), read_dictionary=list(wanted))
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path.name}: this Parquet file cannot be read: {error}") from error
    return Rows(path, {name: column(named(path, name, table[name])) for name in wanted}, lambda row: f"row {row + 1}")


def headings(path: Path) -> list[str]:
    """Return the names of the columns."""
    try:
        return list(parquet.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path.name}: this is not a Parquet file: {error}") from error


def named(path: Path, name: str, values: Any) -> Any:
    """Return a column of any type as a dictionary array of strings."""
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py()
        raise BadFile(f"{path.name}, row {row + 1}: there is no {name!r}")
    if isinstance(values.type, pa.BaseExtensionType):  # such as JSON
        values = values.cast(values.type.storage_type)
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_floating(kind):
        _refuse_endless(path, name, values)
    if pa.types.is_nested(kind):
        return strings(path, [as_text(value) for value in values.to_pylist()]).dictionary_encode()
    if pa.types.is_dictionary(values.type) and pa.types.is_string(kind):
        return values
    try:
        return pc.cast(values, pa.string()).dictionary_encode()
    except pa.ArrowException as error:
        raise BadFile(f"{path.name}: column {name!r} of type {kind} is not text: {error}") from error


def _refuse_endless(path: Path, name: str, values: Any) -> None:
    """Raise BadFile for the first number that is none, as NaN, or infinite: no answer, and nobody's name."""
    plain = pc.cast(values, pa.float64())
    row = pc.index(pc.is_finite(plain), False).as_py()
    if row >= 0:
        raise BadFile(f"{path.name}, row {row + 1}: {name} is {plain[row].as_py()}, it should be a finite number")
