"""JSON: one object with the period, the payments and their totals. Amounts are text, so that no reader rounds them."""

import json
from typing import IO, Any

from apps.reports.payments.period import Period, utc
from apps.reports.payments.rows import Row
from apps.reports.payments.table import Table


def write(table: Table, sink: IO[bytes], *, period: Period) -> None:
    head = _text({"since": utc(period.since), "until": utc(period.until)})
    sink.write(f'{head[:-1]}, "payments": ['.encode())
    comma = ""
    for row in table:
        sink.write(f"{comma}\n{_text(_fields(row))}".encode())
        comma = ","
    totals = _text({currency: f"{total:f}" for currency, total in table.totals.items()})
    sink.write(f'\n], "totals": {totals}}}\n'.encode())


def _fields(row: Row) -> dict[str, str]:
    return {name: value if isinstance(value, str) else f"{value:f}" for name, value in vars(row).items()}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
