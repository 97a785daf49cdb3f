"""Single answers as Parquet with the columns of `single`: what `aggregate`, also --engine, reads."""

from collections.abc import Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from apps.reports.labels.selection import Selection
from apps.reports.labels.single import Row, columns, rows

SUFFIX = "judgments.parquet"
ROW_GROUP = 100_000  # rows: what one process of an engine reads at a time


def write(selection: Selection, sink: IO[bytes], *, row_group: int = ROW_GROUP) -> tuple[Sequence[str], int]:
    written = 0
    group: list[Row] = []
    names = columns(selection)
    schema = pa.schema([pa.field(name, pa.string(), nullable=False) for name in names])
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:

        def put(some: list[Row]) -> None:
            values = zip(*some, strict=True) if some else [()] * len(names)
            arrays = [pa.array(value, pa.string()) for value in values]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=row_group)

        for some in rows(selection):
            group += some
            written += len(some)
            while len(group) >= row_group:
                put(group[:row_group])
                del group[:row_group]
        if group or not written:
            put(group)
    return names, written
