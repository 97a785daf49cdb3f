"""Which family of answers a file holds, told from its columns and labels, with the reason in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from apps.aggregation import Table
from apps.aggregation.agreement import alpha
from apps.aggregation.arrays import Ints

from . import slips
from .columns import BadFile, tidy
from .families import Family
from .families.base import short
from .families.boxes import Boxes
from .families.categorical import Categorical, as_numbers
from .families.intervals import Intervals
from .families.masks import Masks
from .families.multilabel import Multilabel
from .families.numeric import Numeric
from .families.pairwise import Pairwise
from .families.spans import Spans
from .families.text import Text
from .files import Judgments

LOOKED_AT = 1000  # distinct labels
FEW = 10  # distinct whole numbers that are codes of classes rather than amounts
_FRACTION = re.compile(r"\[\s*(-?\d+\.|-?\d+,\s*-?\d+\.)")
EXACT = 2.0**53  # whole numbers up to it are told apart as floats
SHAPES: dict[str, tuple[type[Family], str]] = {
    "runs": (Masks, "labels are run lengths"),
    "words": (Multilabel, "labels are lists of words"),
    "pairs": (Intervals, "labels are lists of [start, end]"),
    "triples": (Spans, "labels are lists of [start, end, type]"),
    "fours": (Boxes, "labels are lists of [left, top, width, height]"),
}
NEAR = "answers to one task are near each other"


def guess(judgments: Judgments) -> tuple[type[Family], str]:
    """Return the likeliest family, and why.

    Raises:
        BadFile: when nothing tells, as with labels that are all empty lists.
    """
    if judgments.sides:
        return Pairwise, "there are columns left and right"
    slips.refuse(judgments)
    names = judgments.label.names
    some = names[:: max(len(names) // LOOKED_AT, 1)].to_pylist()
    if some[0] == "":  # they are in order
        return _with_empty(judgments, some)
    if all(name[:1] in ("[", "{") for name in some):
        return _structured(judgments, some)
    if (values := as_numbers(names.to_pylist())) is not None:
        return _numbers(judgments, values)
    if _are_texts(judgments, some):
        return Text, "few labels occur in more than one task"
    return Categorical, f"{len(names):,} different labels" if len(names) > 1 else "there is one label"


def between(judgments: Judgments, gold: Iterable[str]) -> str | None:
    """Return the first label of gold that is a number between whole ones, where all labels are whole numbers."""
    names = judgments.label.names.to_pylist()
    given, known = as_numbers(names), as_numbers(gold := list(gold))
    if given is None or known is None or not (given == np.round(given)).all():
        return None
    return next((label for label, value in zip(gold, known.tolist(), strict=True) if not value.is_integer()), None)


def _are_texts(judgments: Judgments, some: list[str]) -> bool:
    many = len(judgments.label.names) > 2 * FEW or np.mean([" " in tidy(name) for name in some]) > 0.5
    return bool(many and _share_of_recurring(judgments) < 0.5)


def _with_empty(judgments: Judgments, labels: list[str]) -> tuple[type[Family], str]:
    """Return texts, the only labels that may be empty."""
    told = [label for label in labels if label]
    others = as_numbers(told) is not None or all(label[:1] in ("[", "{") for label in told)
    if others or not _are_texts(judgments, told):
        judgments.refuse_empty()
    return Text, "few labels occur in more than one task, and some are empty"


def _structured(judgments: Judgments, labels: list[str]) -> tuple[type[Family], str]:
    """Return what most answers are; of the others the family says why it cannot read them."""
    given = np.bincount(judgments.label.code, minlength=len(judgments.label.names))
    places = judgments.label.places(pa.array(labels, pa.string()))
    shapes = [_shape(label) for label in labels]
    weight = {shape: 0 for shape in shapes if shape}
    for shape, place in zip(shapes, places, strict=True):
        if shape:
            weight[shape] += int(given[place])
    if not weight:
        raise _no_family(judgments, dict(zip(places.tolist(), labels, strict=True)))
    alike = max(weight, key=lambda shape: weight[shape])
    if alike == "words" and all(map(_holds_one, judgments.label.names.to_pylist())):
        return Categorical, "each list holds one label; --kind multilabel if there may be several"
    if alike == "triples" and any(_FRACTION.search(one) for one in labels):  # tokens are counted, times are measured
        return Intervals, "labels are lists of [start, end, type], not all of them whole numbers"
    return SHAPES[alike]


def _no_family(judgments: Judgments, looked_at: dict[int, str]) -> BadFile:
    """Return the error that names the first label which says something, yet nothing of the family it is of."""
    strange = [place for place, label in looked_at.items() if re.sub(r"\s", "", label) not in ("[]", "{}")]
    if not strange:
        only = " and ".join(repr(label) for label in list(looked_at.values())[:2])
        return BadFile(f"{judgments.rows.path.name}: that labels are {only} tells no family: say which with --kind")
    row = int(np.isin(judgments.label.code, strange).argmax())
    label = looked_at[int(judgments.label.code[row])]
    return judgments.bad(row, f"label {short(label)} fits no family: say which with --kind")


def _shape(label: str) -> str | None:
    """Return which of SHAPES a label of JSON is; None where it tells nothing."""
    try:
        given = json.loads(label)
    except (ValueError, RecursionError):
        return None
    shape: str | None = None
    match given:
        case [str(), *_]:
            shape = "words"
        case [[_, _], *_]:
            shape = "pairs"
        case [[_, _, str()], *_]:
            shape = "triples"
        case [[_, _, _, _], *_] | [[_, _, _, _, _], *_]:
            shape = "fours"
        case {"counts": _}:
            shape = "runs"
    return shape


def _holds_one(label: str) -> bool:
    try:
        given = json.loads(label)
    except (ValueError, RecursionError):
        return False
    return isinstance(given, list) and len(given) == 1


def _numbers(judgments: Judgments, values: Any) -> tuple[type[Family], str]:
    if not (values == np.round(values)).all():
        return Numeric, "labels are numbers with decimals"
    given = len(values)
    values, code = np.unique(values, return_inverse=True)  # 00 is 0 here, though of classes it is another
    if np.abs(values).max() > EXACT and len(values) < given:
        return Categorical, f"{given:,} whole numbers of more digits than a number holds, taken as codes of classes"
    near = _are_near(judgments, values, code)
    if len(values) <= FEW:
        told = f"{len(values)} whole number{'s' * (len(values) != 1)}, taken as codes of classes"
        return (
            Categorical,
            told + f", though {NEAR}: --method ordinal takes them for a scale, --kind numeric for amounts" * bool(near),
        )
    if near:
        return Numeric, f"{len(values):,} whole numbers, and {NEAR}"
    but = "no task has two answers that could tell" if near is None else "answers to one task are no nearer than any"
    return Categorical, f"{len(values):,} whole numbers, and {but}"


def _are_near(judgments: Judgments, values: Any, code: Ints) -> bool | None:
    """Tell whether answers to one task are near each other beyond doubt; None where no task has two.

    Codes of classes have no order, so both alphas would be alike but for chance, which the intervals allow for.
    """
    task, worker, label = judgments.task, judgments.worker, code[judgments.label.code]
    if np.bincount(task.code).max() < 2:
        return None
    table = Table(task.code, worker.code, label, len(task.names), len(worker.names), len(values))
    return bool(alpha(table, "interval", values).low > alpha(table).high)


def _share_of_recurring(judgments: Judgments) -> float:
    """Return the share of judgments whose label some other task has too."""
    tasks, labels = len(judgments.task.names), judgments.label.code
    pairs = np.unique(labels.astype(np.int64) * tasks + judgments.task.code)
    used: Ints = np.bincount(pairs // tasks)
    return float((used[labels] > 1).mean())
