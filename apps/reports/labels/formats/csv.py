"""CSV (RFC 4180, UTF-8): flat columns; text that a spreadsheet would run is made harmless unless `raw` is asked for."""

import csv
import io
from collections.abc import Sequence
from typing import IO, Any

from apps.reports.cells import neutral
from apps.reports.labels.flat import Flat
from apps.reports.labels.selection import Selection


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    text = str if selection.raw else neutral
    flat = Flat(selection.campaign, taken=selection.columns([]), cell=_raw if selection.raw else _cell)
    names = selection.columns(flat.columns)
    constants = [text(value) for value in selection.provenance.values()]
    rows = 0
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(text(name) for name in names)
    for some in selection.rows():
        writer.writerows(
            [
                text(item),
                *flat(answer),
                confidence,
                _raw(calibrated),
                votes,
                state,
                method,
                text(by or ""),
                ";".join(map(str, guidelines)),
                at,
                *judgments,
                *constants,
            ]
            for item, answer, confidence, calibrated, votes, state, method, by, guidelines, at, *judgments in some
        )
        rows += len(some)
        sink.write(lines.getvalue().encode())
        lines.seek(0)
        lines.truncate()
    sink.write(lines.getvalue().encode())
    return names, rows


def _raw(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _cell(value: Any) -> Any:
    return neutral(value) if isinstance(value, str) else _raw(value)
