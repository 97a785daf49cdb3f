"""Single answers as the commands that need no database read them: who said what of which item."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apps.kinds import of as kind_of
from apps.reports.labels.selection import Selection

COLUMNS = ("task", "worker", "label")
OF_PAIRS = ("task", "worker", "left", "right", "label")
Row = tuple[str, ...]


def columns(selection: Selection) -> tuple[str, ...]:
    """Return the names of a row's values, the same for every answer of the campaign."""
    return OF_PAIRS if _compared(selection) else COLUMNS


def rows(selection: Selection) -> Iterator[list[Row]]:
    """Yield the answers that count, some at a time, in the order of their items; what is no text as JSON.

    Where a kind asks which of two is preferred, each row says what was shown: the answer says only on which side.
    Must be called within a transaction, as `Selection.rows`.
    """
    fields = _compared(selection)
    chosen = replace(selection, with_votes=True, fields=fields)
    at = len(chosen.about_the_label) + 1  # where the judgments are: the last column before the fields
    for some in chosen.rows():
        yield [
            (item, one["worker"], *shown, as_text(one["answer"]))
            for item, judgments, shown in ((row[0], row[at], [*map(_name, row[at + 1 :])]) for row in some)
            for one in json.loads(judgments)
        ]


def as_text(answer: Any) -> str:
    """Return an answer as one label: a text as it is, all else as JSON."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def _compared(selection: Selection) -> tuple[str, ...]:
    kind = kind_of(selection.campaign.kind)
    return kind.compared(kind.read_settings(selection.campaign.settings)) or ()


def _name(written: str | None) -> str:
    """Return what an item's field is called: its text, or the name of its media; nothing where there is none."""
    match None if written is None else json.loads(written):
        case None:
            return ""
        case {"media": str(name)}:
            return name
        case value:
            return as_text(value)
