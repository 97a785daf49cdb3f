"""Intraclass correlation: how much of the spread of numbers is between tasks, not between workers.

    ICC(1) = (B - W) / (B + (k - 1) W)        one answer          B, W: mean squares between and within tasks
    ICC(k) = (B - W) / B                      the mean of a task's answers
    k = (N - Σ m² / N) / (n - 1)              answers a task, adjusted for unequal numbers m of n tasks, N = Σ m

One way, for a crowd's workers differ from task to task. Where each of k workers answered each of n tasks, two ways:

    ICC(2,1) = (B - E) / (B + (k - 1) E + k (J - E) / n)    workers drawn at random: who is strict counts as error
    ICC(3,1) = (B - E) / (B + (k - 1) E)                    these workers and no others: it does not

with J the mean square between workers and E what is left of both.

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


def is_crossed(table: Measurements) -> bool:
    """Tell whether each of several workers answered each of several tasks."""
    return min(table.n_tasks, table.n_workers) > 1 and len(table.value) == table.n_tasks * table.n_workers


def icc_crossed(table: Measurements, workers: Literal["random", "fixed"] = "random") -> Coefficient:
    """Return ICC(2,1), or ICC(3,1) for fixed workers, each of whom answered each task.

    Raises:
        ValueError: when one did not.

    >>> rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]  # their table 2
    >>> said = np.array(rows, dtype=float).ravel()
    >>> table = Measurements(np.repeat(np.arange(6), 4), [0, 1, 2, 3] * 6, said, n_tasks=6, n_workers=4)
    >>> [round(one.value, 2) for one in (icc(table), icc_crossed(table), icc_crossed(table, "fixed"))]
    [0.17, 0.29, 0.71]
    """
    if workers not in ("random", "fixed"):
        raise ValueError(f"workers must be 'random' or 'fixed', not {workers!r}")
    if not is_crossed(table):
        raise ValueError("each of several workers must have answered each of several tasks")
    k = table.n_workers
    said = np.empty((table.n_tasks, k))
    said[table.task, table.worker] = table.value - table.value.mean()
    of_task, squares = said.sum(axis=1), (said**2).sum(axis=1)

    def statistic(weights: Floats) -> Floats:
        n, of_worker = weights.sum(axis=1), weights @ said
        common = (weights @ of_task) ** 2 / (n * k)
        tasks = weights @ of_task**2 / k - common
        judges = (of_worker**2).sum(axis=1) / n - common
        left = (weights @ squares - common - tasks - judges) / ((n - 1) * (k - 1))
        between, strict = tasks / (n - 1), judges / (k - 1)
        besides = k * (strict - left) / n if workers == "random" else 0.0
        return ratio(between - left, between + (k - 1) * left + besides)

    return coefficient(statistic, np.ones(table.n_tasks))
