"""Which family of answers a file holds, told from its columns and labels, with the reason in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from apps.aggregation.agreement import alpha
from apps.aggregation.arrays import Ints

from .columns import BadFile
from .families import Family
from .families.boxes import Boxes
from .families.categorical import Categorical, as_numbers
from .families.masks import Masks
from .families.numeric import Numeric
from .families.pairwise import Pairwise
from .families.spans import Spans
from .families.text import Text
from .files import Judgments

LOOKED_AT = 1000  # distinct labels
FEW = 10  # distinct whole numbers that are codes of classes rather than amounts


def guess(judgments: Judgments) -> tuple[type[Family], str]:
    """Return the likeliest family, and why.

    Raises:
        BadFile: when nothing tells, as with labels that are all empty lists.
    """
    if judgments.sides:
        return Pairwise, "there are columns left and right"
    names = judgments.label.names
    some = names[:: max(len(names) // LOOKED_AT, 1)].to_pylist()
    if all(name[:1] in ("[", "{") for name in some):
        return _structured(judgments, some)
    if (values := as_numbers(names.to_pylist())) is not None:
        return _numbers(judgments, values)
    if _share_of_recurring(judgments) < 0.5 and (len(names) > 2 * FEW or np.mean([" " in name for name in some]) > 0.5):
        return Text, "few labels occur in more than one task"
    return Categorical, f"{len(names):,} different labels" if len(names) > 1 else "there is one label"


def _structured(judgments: Judgments, labels: list[str]) -> tuple[type[Family], str]:
    for label in labels:
        try:
            given = json.loads(label)
        except (ValueError, RecursionError):
            continue
        if isinstance(given, dict) and "counts" in given:
            return Masks, "labels are run lengths"
        first: Any = given[0] if isinstance(given, list) and given else None
        if isinstance(first, list) and len(first) == 3 and isinstance(first[2], str):
            return Spans, "labels are lists of [start, end, type]"
        if isinstance(first, list) and len(first) in (4, 5):
            return Boxes, "labels are lists of [left, top, width, height]"
    raise BadFile(
        f"{judgments.rows.path.name}: labels such as {labels[-1][:40]!r} fit no family: say which with --kind"
    )


def _numbers(judgments: Judgments, values: Any) -> tuple[type[Family], str]:
    if not (values == np.round(values)).all():
        return Numeric, "labels are numbers with decimals"
    if len(values) <= FEW:
        return Categorical, f"{len(values)} whole numbers, taken as codes of classes"
    table = Categorical(judgments).table
    # Codes of classes have no order, so both alphas would be alike but for chance, which the intervals allow for.
    if alpha(table, "interval", np.sort(values)).low > alpha(table).high:
        return Numeric, f"{len(values):,} whole numbers, and answers to one task are near each other"
    return Categorical, f"{len(values):,} whole numbers, and answers to one task are no nearer than any"


def _share_of_recurring(judgments: Judgments) -> float:
    """Return the share of judgments whose label some other task has too."""
    tasks, labels = len(judgments.task.names), judgments.label.code
    pairs = np.unique(labels.astype(np.int64) * tasks + judgments.task.code)
    used: Ints = np.bincount(pairs // tasks)
    return float((used[labels] > 1).mean())
