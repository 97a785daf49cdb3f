"""Labels written to a file, in the format that its name says.

CSV holds them as they are written. JSON Lines and Parquet have types: numbers are numbers there, and what is written as
JSON (spans, boxes, masks, lists of classes) is a value of JSON Lines, and of Parquet's type JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow
import pyarrow.parquet as parquet

from .columns import BadFile

FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
TEXT, JSON = pa.string(), pa.json_()
EXACT = 2.0**53  # whole numbers below it are told apart as floats
ROWS = 1 << 16  # turned into JSON at a time


def check_name(path: Path) -> None:
    """Raise BadFile when labels cannot be written there, before any work is done."""
    if path.suffix.lower() not in FORMATS:
        raise BadFile(f"{path.name} should end with one of {', '.join(FORMATS)}, which says how to write it")
    if not path.parent.is_dir():
        raise BadFile(f"there is no folder {str(path.parent)!r} to write {path.name} to")
    if path.is_dir():
        raise BadFile(f"{str(path)!r} is a folder, it should be the name of a file")


def write(path: Path, columns: Mapping[str, Any], label_type: Any = TEXT) -> None:
    """Write the columns; the file appears when it is complete, in the place of one of this name.

    Args:
        label_type: what the texts of the column label stand for, where the format has types.
    """
    table = pa.table(dict(columns))
    if path.suffix.lower() not in (".csv", ".tsv"):
        at = table.column_names.index("label")
        table = table.set_column(at, "label", typed(table["label"], label_type))
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
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(batch))


def typed(labels: Any, label_type: Any) -> Any:
    """Return texts as a column of the type that they stand for."""
    labels = labels.combine_chunks()
    if label_type == TEXT:
        return labels
    if label_type == JSON:
        return pa.ExtensionArray.from_storage(label_type, labels.cast(label_type.storage_type))
    coded = pc.dictionary_encode(labels)
    number = int if pa.types.is_integer(label_type) else float
    values = pa.array([number(Decimal(text)) for text in coded.dictionary.to_pylist()], label_type)
    return values.take(coded.indices)


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    is_json = batch.schema.field("label").type == JSON
    for row in batch.to_pylist():
        label = row["label"]
        if is_json:
            row["label"] = json.loads(label)
        elif isinstance(label, float) and label.is_integer() and abs(label) < EXACT:
            row["label"] = int(label)
        yield row
