"""Bradley-Terry with workers who sometimes answer from habit, such as always the left item.

    P(w says left) = c[w] s[left] / (s[left] + s[right]) + (1 - c[w]) h[w]

EM over whether each answer was meant: with m its probability of having been,

    c[w] = (Σ m + TRUST) / (answers + TRUST + DOUBT)
    h[w] = (Σ over left answers of (1 - m) + HABIT) / (Σ (1 - m) + 2 HABIT)
    s    = a Bradley-Terry step with weights m

The pseudo-counts say: a new worker means four answers in five, and no side is the habit of all.

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
    strength = np.ones(table.n_items)
    care, habit = np.full(table.n_workers, TRUST / (TRUST + DOUBT)), np.full(table.n_workers, 0.5)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    objective: list[float] = []
    for iteration in range(iterations):
        preferred = strength[table.winner] / (strength[table.winner] + strength[table.loser])
        meant = care[table.worker] * preferred
        by_habit = np.where(table.left_won, habit[table.worker], 1 - habit[table.worker])
        total = meant + (1 - care[table.worker]) * by_habit
        prior_density = (TRUST * np.log(care) + DOUBT * np.log1p(-care)).sum()
        prior_density += HABIT * (np.log(habit) + np.log1p(-habit)).sum()
        prior_density += prior * (np.log(strength) - 2 * np.log1p(strength)).sum()
        objective.append(float(np.log(total).sum() + prior_density))
        if progress:
            progress(iteration + 1, iterations)
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance * max(len(table.winner), 1):
            break
        meant /= total
        care = np.bincount(table.worker, meant, minlength=table.n_workers) + TRUST
        care /= answers + TRUST + DOUBT
        idle = np.bincount(table.worker, 1 - meant, minlength=table.n_workers)
        left = np.bincount(table.worker, (1 - meant) * table.left_won, minlength=table.n_workers)
        habit = (left + HABIT) / (idle + 2 * HABIT)
        strength = bradley_terry.climb(table, strength, meant, prior)
    return rank(strength, care, objective)
