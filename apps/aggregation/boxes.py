"""Boxes in a picture: see regions.py for how they are combined."""

from __future__ import annotations

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
    """Return the consensus boxes; corners are (left, top, right, bottom).

    >>> given = [[Region((0, 0, 10, 10))], [Region((1, 0, 11, 10))], [Region((0, 1, 12, 10)), Region((50, 50, 60, 60))]]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3)).regions
    ((Region(corners=(0.0, 0.0, 11.0, 10.0), type=''),),)
    """
    return regions.fit(answers, known, progress=progress)


f1, shared = regions.f1, regions.shared
