"""Labels written to a file, in the format that its name says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow
import pyarrow.parquet as parquet

from .columns import BadFile

FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
ROWS = 1 << 16  # turned into JSON at a time


def check_name(path: Path) -> None:
    """Raise BadFile when labels cannot be written there, before any work is done."""
    if path.suffix.lower() not in FORMATS:
        raise BadFile(f"{path.name} should end with one of {', '.join(FORMATS)}, which says how to write it")
    if not path.parent.is_dir():
        raise BadFile(f"there is no folder {str(path.parent)!r} to write {path.name} to")
    if path.is_dir():
        raise BadFile(f"{str(path)!r} is a folder, it should be the name of a file")


def write(path: Path, columns: Mapping[str, Any]) -> None:
    """Write the columns; the file appears when it is complete, in the place of one of this name."""
    table = pa.table(dict(columns))
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(table, part, path.suffix.lower())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(table: Any, path: Path, form: str) -> None:
    if form == ".parquet":
        parquet.write_table(table, path)
    elif form in (".csv", ".tsv"):
        between = "\t" if form == ".tsv" else ","
        options = arrow.WriteOptions(delimiter=between, quoting_style="needed", quoting_header="needed")
        arrow.write_csv(table, path, options)
    else:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for batch in table.to_batches(ROWS):
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())
