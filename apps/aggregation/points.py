"""Key points: for every named point the median of the places given, wild ones left out.

A point is there when at least half of the task's workers placed it. Places farther from the median than CUT times
the median distance to it are left out, then the median is taken again, coordinate by coordinate. Where more than half
of the places are the very same, the median distance is 0 and would leave out all others; then the usual distance of a
point of this name counts, the median over all tasks of places that are not the median themselves.

Leys et al.: Detecting outliers: do not use standard deviation around the mean, use absolute deviation around the
median. Journal of Experimental Social Psychology 49, 2013 (the cut of 3 deviations).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .answers import Answers
from .arrays import Floats

CUT = 3.0
Point = tuple[float, float]
Points = Mapping[str, Point]  # name -> (x, y); a name that is missing was not placed


@dataclass(frozen=True, eq=False)
class Placed:
    """Args:
    points: one mapping a task.
    confidence: for each of them, by name, the share of workers who placed it and were not left out.
    """

    points: tuple[Points, ...]
    confidence: tuple[Mapping[str, float], ...]


def fit(answers: Answers[Points]) -> Placed:
    """Return the consensus points.

    >>> given = [{"nose": (1.0, 1.0)}, {"nose": (1.0, 2.0)}, {"nose": (2.0, 1.0)}, {"nose": (90.0, 80.0)}]
    >>> fit(Answers([0] * 4, [0, 1, 2, 3], given, n_tasks=1, n_workers=4)).points
    ({'nose': (1.0, 1.0)},)
    """
    points, confidence = [], []
    usual = _usual(answers)
    for _, given in answers.by_task():
        placed = {name: _place([one[name] for one in given if name in one], usual[name]) for name in _names(given)}
        kept = {name: found for name, found in placed.items() if 2 * found[2] >= len(given)}
        points.append({name: (x, y) for name, ((x, y), _, _) in kept.items()})
        confidence.append({name: near / len(given) for name, (_, near, _) in kept.items()})
    return Placed(tuple(points), tuple(confidence))


def _names(given: Sequence[Points]) -> list[str]:
    return sorted({name for one in given for name in one})


def _usual(answers: Answers[Points]) -> Mapping[str, float]:
    """Return for each name how far its places are from their median, of those that are not there; 0 if all are."""
    found: dict[str, list[float]] = {}
    for _, given in answers.by_task():
        for name in _names(given):
            distance = _distances(np.array([one[name] for one in given if name in one], dtype=np.float64))
            found.setdefault(name, []).extend(distance[distance > 0].tolist())
    # The lower of two in the middle, since one of two may be wild.
    return {name: float(np.quantile(far, 0.5, method="lower")) if far else 0.0 for name, far in found.items()}


def _distances(at: Floats) -> Floats:
    distance: Floats = np.linalg.norm(at - np.median(at, axis=0), axis=1)
    return distance


def _place(places: Sequence[Point], usual: float) -> tuple[Point, int, int]:
    """Return the place, how many were near, and how many there were."""
    at: Floats = np.array(places, dtype=np.float64)
    distance = _distances(at)
    near = distance <= CUT * (np.median(distance) or usual) if len(at) > 2 else np.full(len(at), True)
    x, y = np.median(at[near], axis=0).tolist()
    return (x, y), int(near.sum()), len(at)
