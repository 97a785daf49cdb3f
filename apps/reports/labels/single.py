"""Single answers as the commands that need no database read them: who said what of which item."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apps.reports.labels.selection import Selection

COLUMNS = ("task", "worker", "label")
Row = tuple[str, str, str]


def rows(selection: Selection) -> Iterator[list[Row]]:
    """Yield the answers that count, some at a time, in the order of their items; what is no text as JSON.

    Must be called within a transaction, as `Selection.rows`.
    """
    for some in replace(selection, with_votes=True).rows():
        yield [
            (item, one["worker"], as_text(one["answer"]))
            for item, *_, judgments in some
            for one in json.loads(judgments)
        ]


def as_text(answer: Any) -> str:
    """Return an answer as one label: a text as it is, all else as JSON."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
