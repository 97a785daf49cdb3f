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

import numpy as np

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
    every = -(-table.n_tasks // MOST) or 1
    some = table.task % every == 0
    size = (len(clamped[::every]), table.n_labels)
    cell = (table.task[some] // every).astype(np.int64) * table.n_labels + table.label[some]
    counts = np.bincount(cell, minlength=size[0] * size[1]).reshape(size).astype(np.float64)
    share = (np.bincount(table.label, minlength=table.n_labels) + 1) / (len(table) + table.n_labels)
    log_b = np.array([_log_ratio(counts, share, clamped[::every], seen) for seen in ROOTS**2])
    top = log_b.max()
    log_odds = top + np.log((np.exp(log_b - top) * 2 * ROOTS).sum() / STEPS)
    return float(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _log_ratio(counts: Floats, share: Floats, known: Ints, seen: float) -> float:
    """Return how much likelier the answers are with λ than without, as a logarithm."""
    right, wrong = np.log1p(seen * (1 / share - 1)), np.log1p(-seen)
    joint = counts * (right - wrong) + counts.sum(axis=1, keepdims=True) * wrong
    of_task = np.logaddexp.reduce(joint + np.log(share), axis=1)
    at = np.flatnonzero(known != UNKNOWN)
    of_task[at] = joint[at, known[at]]
    return float(of_task.sum())
