"""JSON Lines: one label a line, its answer as its kind writes it. PostgreSQL makes the lines, we pass them on."""

from collections.abc import Sequence
from typing import IO

from django.db import connection

from apps.reports.labels.selection import AT_ONCE, Selection

# COPY's CSV quotes only a line that holds the delimiter, the quote, CR or LF; JSON text escapes all control characters,
# so that with these two every line comes as it is.
_COPY = """
COPY (SELECT row_to_json(line) FROM ({labels}) label CROSS JOIN LATERAL (SELECT label.*{provenance}) line)
TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ENCODING 'UTF8')
"""


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    constants = "".join(f", %({name})s::text AS {name}" for name in selection.provenance)
    statement = _COPY.format(labels=selection.query, provenance=constants)
    parameters = {**selection.provenance, **selection.parameters}
    with connection.cursor() as cursor:
        with cursor.copy(statement, parameters) as copy:
            for row, some in enumerate(copy):
                sink.write(some)
                if row % AT_ONCE == 0:
                    selection.tell(row)
        rows = cursor.rowcount
    return selection.columns(["answer"]), rows
