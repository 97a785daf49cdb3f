"""Bradley-Terry with workers who sometimes answer from habit, such as always the left item.

    P(w says a) = c[w] P(a | s, ν) + (1 - c[w]) h[w, a]        a: left, right, or neither where anybody says so

EM over whether each answer was meant: with m its probability of having been,

    c[w]    = (Σ m + TRUST) / (answers + TRUST + DOUBT)
    h[w, a] = (Σ over answers a of (1 - m) + HABIT) / (Σ (1 - m) + HABIT × kinds of answers)
    s, ν    = a Bradley-Terry step with weights m

The pseudo-counts say: a new worker means four answers in five, and no answer is the habit of all.

Bugakova, Fedorova, Gusev, Drutsa: Aggregation of pairwise comparisons with reduction of biases. ICML 2019 workshop on
human in the loop learning; Chen, Bennett, Collins-Thompson, Horvitz: Pairwise ranking aggregation in a crowdsourced
setting. WSDM 2013.
"""

from __future__ import annotations

import numpy as np

from . import bradley_terry
from .comparisons import Comparisons, Ranking, rank
from .em import Progress

TRUST, DOUBT, HABIT = 4.0, 1.0, 5.0


def fit(
    table: Comparisons,
    *,
    prior: float = bradley_terry.PRIOR,
    iterations: int = 2000,
    tolerance: float = 1e-7,
    progress: Progress | None = None,
) -> Ranking:
    """Return the ranking and each worker's share of answers that were meant.

    >>> left, right, left_won = [0, 1, 0, 2], [1, 2, 2, 0], [1, 1, 1, 0]
    >>> table = Comparisons([0] * 4, left, right, left_won, n_items=3, n_workers=1)
    >>> fit(table).order.tolist()
    [0, 1, 2]
    """
    strength, ties = np.ones(table.n_items), bradley_terry.first_ties(table)
    kinds = 3 if ties else 2
    care, habit = np.full(table.n_workers, TRUST / (TRUST + DOUBT)), np.full((table.n_workers, kinds), 1 / kinds)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    given = table.worker.astype(np.int64) * kinds + table.said
    objective: list[float] = []
    for iteration in range(iterations):
        meant = care[table.worker] * bradley_terry.chance(table, strength, ties)
        total = meant + (1 - care[table.worker]) * habit[table.worker, table.said]
        prior_density = (TRUST * np.log(care) + DOUBT * np.log1p(-care)).sum() + HABIT * np.log(habit).sum()
        prior_density += bradley_terry.density(strength, ties, prior)
        objective.append(float(np.log(total).sum() + prior_density))
        if progress:
            progress(iteration + 1, iterations)
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance * max(len(table.winner), 1):
            break
        meant /= total
        care = np.bincount(table.worker, meant, minlength=table.n_workers) + TRUST
        care /= answers + TRUST + DOUBT
        idle = np.bincount(given, 1 - meant, minlength=habit.size).reshape(habit.shape) + HABIT
        habit = idle / idle.sum(axis=1, keepdims=True)
        strength, ties = bradley_terry.climb(table, strength, ties, meant, prior)
    return rank(strength, care, objective, ties)
