"""Hands a campaign's numbers to `aggregation`."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from apps.aggregation import precision, predictive
from apps.aggregation.arrays import Floats
from apps.aggregation.ensemble import VOTES
from apps.aggregation.numbers import Estimate, Measurements, are_counted, winsorised
from apps.kinds.consensus import NOTHING, combined
from apps.kinds.votes import Aggregate, Votes


@dataclass(frozen=True)
class Range:
    """Args: unit: from one valid answer to the next; nearest: the valid answer nearest to a number."""

    least: float
    most: float
    unit: float
    nearest: Callable[[float], float]


def measurements(votes: Votes) -> Measurements:
    """Return votes that are numbers as `aggregation` takes them."""
    value = np.array(votes.answers, dtype=np.float64)
    return Measurements(votes.tasks, votes.workers, value, votes.n_tasks, votes.n_workers)


def reach(tolerance: float, unit: float) -> float:
    """Return how far from an answer the truth may lie for it to be right, the truth being a whole number of units.

    >>> [reach(tolerance, 1.0) for tolerance in (0.0, 0.5, 1.0, 1.5)]
    [0.5, 0.5, 1.5, 1.5]
    """
    return math.floor(tolerance / unit + 1e-9) * unit + unit / 2


def by_chance(within: float, width: float, unit: float) -> float:
    """Return how often two answers anywhere on the range are as near: what is known where no spread is.

    1 - (1 - w)² of a share w of the range, and what whole units add: of five points 13 of 25 pairs are within one.

    >>> [round(by_chance(reach(tolerance, 1.0), 4.0, 1.0), 9) for tolerance in (0, 1, 3, 4, 9)]
    [0.2, 0.52, 0.92, 1.0, 1.0]
    """
    points = width / unit + 1
    apart = min(within / unit - 1 / 2, points - 1)
    return (points * (2 * apart + 1) - apart * (apart + 1)) / points**2


def are_measured(votes: Votes) -> bool:
    """Tell whether a mean says more than the answer in the middle: answers are seldom the same but by chance."""
    return not are_counted(measurements(votes))


def of_numbers(votes: Votes, on: Range, *, tolerance: float) -> Aggregate:
    """Return the precision-weighted mean of each task's numbers, slips pulled in; known numbers stand.

    Confidence is the chance that the truth is no further than the tolerance from what is returned, by how the answers
    to the task and those to all tasks lie (`aggregation.predictive`).
    """
    found = precision.steady(measurements(votes))
    return _about(votes, found.value, found, "precision", on, tolerance)


def of_points(votes: Votes, on: Range, *, tolerance: float, model: Floats | None) -> Aggregate:
    """Return the mean of each task's plain and precision-weighted mean, and of a model's where there is one.

    They fail in different places, and the squared error of a mean is at most the mean of theirs. Args: as of
    `of_numbers`; model: (n_tasks,) what a model of workers expects.
    """
    found = precision.blend(measurements(votes))
    if model is None:
        return _about(votes, found.value, found, "blend", on, tolerance)
    value = (VOTES * found.value + model) / (VOTES + 1)
    return _about(votes, value, found, "scale_blend", on, tolerance)


def _about(votes: Votes, value: Floats, found: Estimate, method: str, on: Range, tolerance: float) -> Aggregate:
    table = measurements(votes)
    known, within, width = votes.clamped(), reach(tolerance, on.unit), on.most - on.least
    # As the kind has them, for 4 is not to be written 4.0 because another task's is 4.5.
    answers = [known.get(task, mean if np.isnan(mean) else on.nearest(round(mean, 9))) for task, mean in _of(value)]
    answer = np.array(answers, dtype=np.float64)
    edges = on.least + on.unit / 2, on.most - on.unit / 2
    around = predictive.of(winsorised(table), value, found.precision, edges=edges)
    sure = around.between(*(end - value for end in _right(answer, within, on)))
    sure = np.where(np.isnan(sure), by_chance(within, width, on.unit), sure)
    consensus = [
        combined(one, 1.0 if task in known else sure[task], count) if count or task in known else NOTHING
        for task, (one, count) in enumerate(zip(answers, votes.per_task(), strict=True))
    ]
    near = 1 - np.abs(table.value - answer[table.task]) / width if len(table.value) else table.value
    given = votes.per_worker()
    total = np.bincount(table.worker, near, minlength=votes.n_workers)
    return Aggregate(consensus, total / np.where(given, given, np.nan), method)


def _right(answer: Floats, within: float, on: Range) -> tuple[Floats, Floats]:
    """Return from where to where the truth may lie for each answer to be right.

    Beyond an end of the range there are no answers that could be right instead: whatever lies there is read as the end.
    """
    low, high = answer - within, answer + within
    return np.where(low < on.least, -np.inf, low), np.where(high > on.most, np.inf, high)


def _of(values: np.ndarray) -> list[tuple[int, float]]:
    return list(enumerate(values.tolist()))
