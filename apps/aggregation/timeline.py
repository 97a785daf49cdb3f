"""Intervals on a time line: see regions.py for how they are combined."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from . import regions
from .answers import Answers
from .em import Progress
from .regions import Region, Regions


def fit(
    answers: Answers[Sequence[Region]],
    known: Mapping[int, Sequence[Region]] | None = None,
    *,
    progress: Progress | None = None,
) -> Regions:
    """Return the consensus intervals; corners are (start, end).

    >>> given = [[Region((0, 5), "speech")], [Region((0.5, 5), "speech")], [Region((0.2, 6), "noise")]]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3)).regions
    ((Region(corners=(0.2, 5.0), type='speech'),),)
    """
    return regions.fit(answers, known, progress=progress)


f1 = regions.f1


def iou(first: Sequence[Region], second: Sequence[Region]) -> float:
    """Return the share of the time marked in either that is marked in both, by type; 1 when nothing is marked.

    >>> iou([Region((0, 4)), Region((3, 6))], [Region((4, 8))])
    0.25
    """
    types = {region.type for region in (*first, *second)}
    ones, others, either = (
        sum(_marked([region for region in some if region.type == name]) for name in types)
        for some in (first, second, (*first, *second))
    )
    return (ones + others - either) / either if either else 1.0


def _marked(some: Sequence[Region]) -> float:
    """Return how much time intervals cover together."""
    covered, until = 0.0, -math.inf
    for (start, end), _ in sorted(some):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered
