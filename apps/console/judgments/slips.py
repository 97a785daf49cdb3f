"""Slips among labels: where nearly all are of one kind, the few others make no other kind of the file."""

from __future__ import annotations

import re
from math import isfinite

import numpy as np

from apps.aggregation.arrays import Flags

from .families.base import as_number, short
from .families.categorical import is_structured
from .files import Judgments

NEARLY = 0.8  # the share of judgments from which the others are slips
LOOKED_AT = 1000  # distinct labels that are read as JSON
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
KIND = "--kind says what labels are, categorical where they are classes"


def refuse(judgments: Judgments) -> None:
    """Raise BadFile for the first label that is no number, or no JSON, where nearly all others are."""
    labels = judgments.label.names.to_pylist()
    structured = np.array([label[:1] in ("[", "{") for label in labels])
    if structured.any() and _are_json([label for label, is_it in zip(labels, structured, strict=True) if is_it]):
        _refuse_others(judgments, structured, "is no list or object of JSON, as nearly all others are")
    values = [_value(label) for label in labels]
    finite = np.array([value is not None and isfinite(value) for value in values])
    endless = np.array(
        [value is not None and "n" in label.casefold() for value, label in zip(values, labels, strict=True)]
    )
    if endless.any() and (finite | endless).all():  # nan and inf, and no words beside them
        raise _first(judgments, endless, "is not a finite number")
    _refuse_others(judgments, finite, "is not a number, as nearly all others are")
    grouped = np.array([bool(GROUPED.fullmatch(label)) for label in labels])
    comma = np.array(["," in label and _value(label.replace(",", ".", 1)) is not None for label in labels])
    if NEARLY < (comma | grouped)[judgments.label.code].mean():
        without = (grouped | ~comma).all()
        but = "should be without a thousands separator" if without else "should have a decimal point"
        raise _first(judgments, comma | grouped, but)


def _refuse_others(judgments: Judgments, alike: Flags, but: str) -> None:
    """Raise BadFile for the first judgment whose label is not one of those that are alike, if nearly all are."""
    if NEARLY < alike[judgments.label.code].mean() < 1:
        if not judgments.label.names[0].as_py():  # they are in order
            judgments.refuse_empty()
        raise _first(judgments, ~alike, but)


def _first(judgments: Judgments, strange: Flags, but: str) -> Exception:
    row = int(strange[judgments.label.code].argmax())
    label = judgments.label.names[int(judgments.label.code[row])].as_py()
    return judgments.bad(row, f"label {short(label)} {but}; {KIND}")


def _are_json(labels: list[str]) -> bool:
    some = labels[:: max(len(labels) // LOOKED_AT, 1)]
    return 2 * sum(map(is_structured, some)) > len(some)


def _value(label: str) -> float | None:
    try:
        return as_number(label)
    except ValueError:
        return None
