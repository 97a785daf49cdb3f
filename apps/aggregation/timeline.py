"""Intervals on a time line: see regions.py for how they are combined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from . import regions
from .answers import Answers
from .geometry import interval_iou
from .regions import Region, Regions


def fit(answers: Answers[Sequence[Region]], known: Mapping[int, Sequence[Region]] | None = None) -> Regions:
    """Return the consensus intervals; corners are (start, end).

    >>> given = [[Region((0, 5), "speech")], [Region((0.5, 5), "speech")], [Region((0.2, 6), "noise")]]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3)).regions
    ((Region(corners=(0.2, 5.0), type='speech'),),)
    """
    return regions.fit(answers, interval_iou, known)


f1 = partial(regions.f1, overlap=interval_iou)
