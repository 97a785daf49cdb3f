"""Intraclass correlation, one way: how much of the spread of numbers is between tasks, not between workers.

    ICC(1) = (B - W) / (B + (k - 1) W)        one answer          B, W: mean squares between and within tasks
    ICC(k) = (B - W) / B                      the mean of a task's answers
    k = (N - Σ m² / N) / (n - 1)              answers a task, adjusted for unequal numbers m of n tasks, N = Σ m

One way, for a crowd's workers differ from task to task.

Shrout, Fleiss: Intraclass correlations: uses in assessing rater reliability. Psychological Bulletin 86, 1979.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.numbers import Measurements

from .bootstrap import Coefficient, coefficient


def icc(table: Measurements, of: Literal["answer", "mean"] = "answer") -> Coefficient:
    """Return ICC(1), or ICC(k) for the mean of a task's answers, over tasks with at least two.

    >>> table = Measurements([0, 0, 1, 1, 2, 2], [0, 1] * 3, [1.0, 2.0, 5.0, 5.0, 9.0, 8.0], n_tasks=3, n_workers=2)
    >>> round(icc(table).value, 3)
    0.973
    """
    if of not in ("answer", "mean"):
        raise ValueError(f"of must be 'answer' or 'mean', not {of!r}")
    kept = np.flatnonzero(table.votes > 1)
    votes = table.votes.astype(np.float64)
    centred = table.value - (table.value.mean() if len(table.value) else 0.0)
    total = np.bincount(table.task, centred, minlength=table.n_tasks)[kept]
    squares = np.bincount(table.task, centred**2, minlength=table.n_tasks)[kept]
    votes = votes[kept]
    explained = total**2 / votes

    def statistic(weights: Floats) -> Floats:
        tasks, answers, sums = weights.sum(axis=1), weights @ votes, weights @ total
        between = (weights @ explained - sums**2 / answers) / (tasks - 1)
        within = ratio(weights @ (squares - explained), answers - tasks)
        if of == "mean":
            return ratio(between - within, between)
        size = (answers - weights @ votes**2 / answers) / (tasks - 1)
        return ratio(between - within, between + (size - 1) * within)

    return coefficient(statistic, np.ones(len(kept)))
