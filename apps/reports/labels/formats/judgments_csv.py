"""Single answers as CSV with the columns of `single`: what `aggregate`, `agreement` and `replay` read.

Text that a spreadsheet would run is made harmless unless `raw` is asked for.
"""

import csv
import io
from collections.abc import Sequence
from typing import IO

from apps.reports.cells import neutral
from apps.reports.labels.selection import Selection
from apps.reports.labels.single import columns, rows

SUFFIX = "judgments.csv"


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    text = str if selection.raw else neutral
    written = 0
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    names = columns(selection)
    writer.writerow(names)
    for some in rows(selection):
        writer.writerows(map(text, row) for row in some)
        written += len(some)
        sink.write(lines.getvalue().encode())
        lines.seek(0)
        lines.truncate()
    sink.write(lines.getvalue().encode())
    return names, written
