"""Hands a campaign's numbers to `aggregation`."""

from collections.abc import Callable

import numpy as np

from apps.aggregation import precision
from apps.aggregation.numbers import Measurements, winsorised
from apps.kinds.consensus import NOTHING, combined
from apps.kinds.votes import Aggregate, Votes

MISSED = np.sqrt(2 / np.pi)  # mean distance of a normal error, in standard deviations
UNTOLD = 1 / 3  # mean distance of two numbers anywhere on the range, as a share of it


def of_numbers(votes: Votes, on_range: Callable[[float], float], width: float) -> Aggregate:
    """Return the precision-weighted mean of each task's numbers, slips pulled in; known numbers stand.

    Args: on_range: the valid answer nearest to a number. width: of the range, to which distances are in proportion.
    """
    value = np.array(votes.answers, dtype=np.float64)
    columns = (votes.tasks, votes.workers)
    found = precision.fit(winsorised(Measurements(*columns, value, votes.n_tasks, votes.n_workers)))
    known = votes.clamped()
    distance = np.where(np.isnan(found.error), UNTOLD, MISSED * found.error / width)
    answer = [known.get(task, mean if np.isnan(mean) else on_range(round(mean, 9))) for task, mean in _of(found.value)]
    consensus = [
        combined(answer[task], 1.0 if task in known else 1 - distance[task], count)
        if count or task in known
        else NOTHING
        for task, count in enumerate(votes.per_task())
    ]
    near = 1 - np.abs(value - np.array(answer)[votes.tasks]) / width if len(value) else value
    given = votes.per_worker()
    total = np.bincount(np.asarray(votes.workers, dtype=np.int64), near, minlength=votes.n_workers)
    return Aggregate(consensus, total / np.where(given, given, np.nan), "precision")


def _of(values: np.ndarray) -> list[tuple[int, float]]:
    return list(enumerate(values.tolist()))
