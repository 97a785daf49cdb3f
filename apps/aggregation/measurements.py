"""Numbers that several workers gave to one task: the input of every mean, and what all of them return."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .answers import in_order
from .arrays import Floats, Ints, ratio
from .table import BadTable

DUST = 64 * float(np.finfo(np.float64).eps)  # of a number: how far off a mean of the same numbers is computed


@dataclass(frozen=True, eq=False)
class Measurements:
    """Numbers as three parallel arrays, put in order of task, then worker, so that row order changes nothing."""

    task: Ints
    worker: Ints
    value: Floats
    n_tasks: int
    n_workers: int
    start: Ints = field(init=False)  # (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t

    def __post_init__(self) -> None:
        order, task, worker, start = in_order(self.task, self.worker, self.n_tasks, self.n_workers)
        value: Floats = np.asarray(self.value, dtype=np.float64)
        if value.shape != task.shape:
            raise BadTable(f"task and value must be equally long, not {len(task)} and {value.size}")
        if not np.isfinite(value).all():
            raise BadTable("values must be finite numbers")
        value = value[order]
        value.flags.writeable = False
        for name, array in (("task", task), ("worker", worker), ("value", value), ("start", start)):
            object.__setattr__(self, name, array)

    @property
    def votes(self) -> Ints:
        """How many numbers each task got, shape (n_tasks,)."""
        return np.diff(self.start)


@dataclass(frozen=True, eq=False)
class Estimate:
    """Args:
    value: (n_tasks,) the combined number, nan without answers.
    error: (n_tasks,) its standard error; nan where it cannot be told.
    precision: (n_workers,) 1 / variance of the worker's errors; nan where unknown.
    """

    value: Floats
    error: Floats
    precision: Floats


def weighted_mean(table: Measurements, weight: Floats) -> Floats:
    """Return each task's mean with a weight for each answer, nan without answers: (n_tasks,)."""
    total = np.bincount(table.task, weight, minlength=table.n_tasks)
    sums = np.bincount(table.task, weight * table.value, minlength=table.n_tasks)
    return ratio(sums, total)


def errors(table: Measurements, value: Floats) -> Floats:
    """Return how far each answer is from its task's combined number, 0 where it is the same but for rounding.

    >>> errors(Measurements([0] * 3, [0, 1, 2], [0.1] * 3, 1, 3), np.array([(0.1 + 0.1 + 0.1) / 3])).tolist()
    [0.0, 0.0, 0.0]
    """
    off: Floats = table.value - value[table.task]
    return np.where(np.abs(off) <= DUST * np.abs(table.value), 0.0, off)


def standard_error(table: Measurements, variance: float, held: Floats | Ints) -> Floats:
    """Return the error of each task's mean of so many answers of this variance, nan where nothing tells it: (n_tasks,).

    Pairs that all agree tell that of their own tasks; of a lone answer it is not known to be none.
    """
    error: Floats = np.sqrt(ratio(variance, held))
    return np.where((error == 0.0) & (table.votes < 2), np.nan, error)


def estimate(table: Measurements, value: Floats, variance: float, weight: Floats) -> Estimate:
    """Return the combined numbers with their errors and workers' precisions, answers counting with their weight."""
    held = np.bincount(table.task, weight, minlength=table.n_tasks)
    error = standard_error(table, variance, held)
    squares = np.bincount(table.worker, errors(table, value) ** 2, minlength=table.n_workers)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    precision = ratio(answers, squares)
    return Estimate(value, error, precision)
