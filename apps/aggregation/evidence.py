"""How likely it is that answers tell anything at all: that workers agree because of the truth, not by chance.

    M₁: a worker sees the truth with λ, and else says l with m[l]        M₀: λ = 0, all that agree do so by chance
    B = ∫ ∏ over tasks of Σ_k m[k] ∏ over answers l of ((1 - λ) + λ [l = k] / m[k])  dλ        λ uniform from 0 to 1
    w = B / (B + 1)

B is the odds of M₁ against M₀, both as likely before (a Bayes factor); m[l] is the share of all answers that are l, one
more of each. The answers are summed out, none is judged by a model that was fitted to it: a fit of many numbers finds
some meaning in any noise. A known task has its label for k alone. Where no task has two answers B is 1, and of real
crowds of some ten tasks on w is 1 to many digits.

Kass, Raftery: Bayes factors. JASA 90, 1995; for the model, see `alone`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Ints
from .table import UNKNOWN, Table

MOST = 20_000  # tasks stand for all
STEPS = 24
ROOTS = (np.arange(STEPS) + 0.5) / STEPS  # of λ: close together near 0, where of many tasks the likely ones lie


def informative(table: Table, clamped: Ints) -> float:
    """Return w.

    Args:
        clamped: (n_tasks,) the known labels, -1 where none is.

    >>> of = lambda said: informative(Table([0, 0, 1, 1, 2, 2], [0, 1] * 3, said, 3, 2, 2), np.array([-1, -1, -1]))
    >>> round(of([1, 1, 0, 0, 1, 1]), 2), round(of([1, 0, 0, 1, 1, 0]), 2)
    (0.71, 0.31)
    """
    at = np.flatnonzero((table.votes > 1) | ((clamped != UNKNOWN) & (table.votes > 0)))  # of others a factor is 1
    at = at[:: -(-len(at) // MOST) or 1]
    if len(at) == 0:
        return 0.5
    cells = _Cells.of(table, at, clamped[at])
    log_b = np.array([cells.log_ratio(seen) for seen in ROOTS**2])
    top = log_b.max()
    log_odds = top + np.log((np.exp(log_b - top) * 2 * ROOTS).sum() / STEPS)
    return float(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Which labels tasks were given how often, a row a task and label, in their order.

    Labels that a task was not given all make the same factor, so what they weigh together is enough.
    """

    start: Ints  # each task's first row
    count: Ints
    share: Floats  # m of each row's label
    is_known: NDArray[np.bool_]  # of each row: whether its label is the known one
    known: NDArray[np.bool_]  # of each task
    votes: int

    @classmethod
    def of(cls, table: Table, at: Ints, known: Ints) -> _Cells:
        place = np.full(table.n_tasks, UNKNOWN)
        place[at] = np.arange(len(at))
        rows = place[table.task] != UNKNOWN
        cell, count = np.unique(place[table.task[rows]] * table.n_labels + table.label[rows], return_counts=True)
        task, label = np.divmod(cell, table.n_labels)
        m = (np.bincount(table.label, minlength=table.n_labels) + 1) / (len(table) + table.n_labels)
        start = np.searchsorted(task, np.arange(len(at)))
        return cls(start, count, m[label], label == known[task], known != UNKNOWN, int(rows.sum()))

    def log_ratio(self, seen: float) -> float:
        """Return how much likelier the answers are with this λ than without, as a logarithm."""
        right, wrong = np.log1p(seen * (1 / self.share - 1)), np.log1p(-seen)
        told = self.count * (right - wrong)
        given = np.logaddexp.reduceat(told + np.log(self.share), self.start)
        with np.errstate(divide="ignore"):  # where every label was given nothing is left
            others = np.log(np.maximum(1 - np.add.reduceat(self.share, self.start), 0))
        of_known = np.add.reduceat(np.where(self.is_known, told, 0.0), self.start)
        of_task = np.where(self.known, of_known, np.logaddexp(given, others))
        return float(of_task.sum() + self.votes * wrong)
