"""Parquet: amounts are exact decimals with room for every currency's, times are timestamps in UTC."""

from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from apps.core import money
from apps.reports.payments.period import Period
from apps.reports.payments.rows import COLUMNS
from apps.reports.payments.table import Table

ROW_GROUP = 20_000
_MOST_DECIMALS = max(money.DECIMALS.values())
_TYPES = {"amount": pa.decimal128(19 + _MOST_DECIMALS, _MOST_DECIMALS), "owed_at": pa.timestamp("us", tz="UTC")}


def write(table: Table, sink: IO[bytes], *, period: Period) -> None:
    schema = pa.schema([pa.field(name, _TYPES.get(name, pa.string()), nullable=False) for name in COLUMNS])
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        coming = iter(table)
        while group := list(islice(coming, ROW_GROUP)):
            columns = [[getattr(row, name) for row in group] for name in COLUMNS]
            arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=ROW_GROUP)


def _array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(type_):  # it comes as text, the same as in the other formats
        return pa.array(values, pa.string()).cast(type_)
    return pa.array(values, type_)
