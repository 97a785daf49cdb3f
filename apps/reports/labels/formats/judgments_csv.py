"""Single answers as CSV with the columns task, worker, label: what `aggregate`, `agreement` and `replay` read.

Text that a spreadsheet would run is made harmless unless `raw` is asked for.
"""

import csv
import io
from collections.abc import Sequence
from typing import IO

from apps.reports.cells import neutral
from apps.reports.labels.selection import Selection
from apps.reports.labels.single import COLUMNS, rows

SUFFIX = "judgments.csv"


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    text = str if selection.raw else neutral
    written = 0
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for some in rows(selection):
        writer.writerows((text(task), worker, text(label)) for task, worker, label in some)
        written += len(some)
        sink.write(lines.getvalue().encode())
        lines.seek(0)
        lines.truncate()
    sink.write(lines.getvalue().encode())
    return COLUMNS, written
