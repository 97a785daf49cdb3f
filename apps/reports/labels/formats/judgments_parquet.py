"""Single answers as Parquet with the columns task, worker, label: what `aggregate`, also --engine, reads."""

from collections.abc import Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from apps.reports.labels.selection import Selection
from apps.reports.labels.single import COLUMNS, rows

SUFFIX = "judgments.parquet"
ROW_GROUP = 100_000  # rows: what one process of an engine reads at a time

_SCHEMA = pa.schema([pa.field(name, pa.string(), nullable=False) for name in COLUMNS])


def write(selection: Selection, sink: IO[bytes], *, row_group: int = ROW_GROUP) -> tuple[Sequence[str], int]:
    written = 0
    group: list[tuple[str, str, str]] = []
    with pq.ParquetWriter(sink, _SCHEMA, compression="zstd") as writer:

        def put(some: list[tuple[str, str, str]]) -> None:
            columns = zip(*some, strict=True) if some else ((), (), ())
            arrays = [pa.array(column, pa.string()) for column in columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA), row_group_size=row_group)

        for some in rows(selection):
            group += some
            written += len(some)
            while len(group) >= row_group:
                put(group[:row_group])
                del group[:row_group]
        if group or not written:
            put(group)
    return COLUMNS, written
