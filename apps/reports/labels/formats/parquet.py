"""Parquet: flat columns with types, in row groups of one size; nothing in it tells when it was written."""

import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from apps.reports.labels.flat import Flat, Type
from apps.reports.labels.selection import Selection

ROW_GROUP = 20_000  # rows; a few tens of megabytes while they are gathered

_TYPES: dict[Type, pa.DataType] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "real": pa.float64(),
    "flag": pa.bool_(),
}
_ABOUT = {
    "confidence": pa.float64(),
    "calibrated": pa.bool_(),
    "votes": pa.int32(),
    "state": pa.string(),
    "method": pa.string(),
    "adjudicated_by": pa.string(),
    "guidelines": pa.list_(pa.int32()),
    "combined_at": pa.timestamp("us", tz="UTC"),
    "judgments": pa.string(),
}


def write(selection: Selection, sink: IO[bytes], *, row_group: int = ROW_GROUP) -> tuple[Sequence[str], int]:
    flat = Flat(selection.campaign, taken=selection.columns([]))
    types = flat.types()
    schema = pa.schema(
        [
            pa.field("item", pa.string(), nullable=False),
            *(pa.field(name, _TYPES[type_]) for name, type_ in zip(flat.columns, types, strict=True)),
            *(pa.field(name, _ABOUT[name]) for name in selection.about_the_label),
            *(pa.field(name, pa.string(), nullable=False) for name in selection.provenance),
        ]
    )
    rows = 0
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _groups(selection.rows(), row_group):
            items, answers, *about = zip(*group, strict=True)
            columns = [
                list(items),
                *_columns([flat(answer) for answer in answers], types),
                *about,
                *([value] * len(group) for value in selection.provenance.values()),
            ]
            arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=row_group)
            rows += len(group)
    return tuple(schema.names), rows


def _groups(some: Iterator[list[tuple[Any, ...]]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Regroup rows into lists of one size and a last shorter one."""
    group: list[tuple[Any, ...]] = []
    for rows in some:
        group += rows
        while len(group) >= size:
            yield group[:size]
            del group[:size]
    if group:
        yield group


def _columns(rows: Sequence[Sequence[Any]], types: Sequence[Type]) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return [_texts(column) if type_ == "text" else column for column, type_ in zip(columns, types, strict=True)]


def _texts(values: list[Any]) -> list[str | None]:
    return [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]


def _array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(type_):  # it comes as text, the same as in the other formats
        return pa.array(values, pa.string()).cast(type_)
    return pa.array(values, type_)
