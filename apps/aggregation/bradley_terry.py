"""Bradley-Terry: the odds that one item is preferred to another are the ratio of their strengths.

    P(i over j) = s[i] / (s[i] + s[j])
    s[i] ← (wins of i + prior) / (Σ over comparisons of i with j of 1 / (s[i] + s[j]) + 2 prior / (s[i] + 1))

a minorise-maximise step, which never lowers the likelihood. The prior is that many wins and as many losses of every
item against an average one of strength 1, without which an item that always wins would be infinitely strong.

Bradley, Terry: Rank analysis of incomplete block designs. Biometrika 39, 1952.
Hunter: MM algorithms for generalized Bradley-Terry models. Annals of Statistics 32, 2004.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .comparisons import Comparisons, Ranking, rank
from .em import Progress

PRIOR = 0.5


def fit(
    table: Comparisons,
    *,
    prior: float = PRIOR,
    iterations: int = 10_000,
    tolerance: float = 1e-9,
    progress: Progress | None = None,
) -> Ranking:
    """Return the ranking.

    >>> left, right, left_won = [0, 1, 0, 2], [1, 2, 2, 0], [1, 1, 1, 0]
    >>> table = Comparisons([0] * 4, left, right, left_won, n_items=3, n_workers=1)
    >>> fit(table).order.tolist()
    [0, 1, 2]
    """
    strength, objective = np.ones(table.n_items), []
    weight = np.ones(len(table.winner))
    for iteration in range(iterations):
        strength = climb(table, strength, weight, prior)
        objective.append(log_likelihood(table, strength, weight, prior))
        if progress:
            progress(iteration + 1, iterations)
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance:
            break
    return rank(strength, np.full(table.n_workers, np.nan), objective)


def climb(table: Comparisons, strength: Floats, weight: Floats, prior: float) -> Floats:
    """Return strengths after one step, comparisons counting with their weight; without a prior of geometric mean 1."""
    won = np.bincount(table.winner, weight, minlength=table.n_items)
    shared = weight / (strength[table.winner] + strength[table.loser])
    met = np.bincount(table.winner, shared, minlength=table.n_items)
    met += np.bincount(table.loser, shared, minlength=table.n_items)
    climbed = (won + prior) / np.maximum(met + 2 * prior / (strength + 1), 1e-300)
    if prior == 0.0:  # then only ratios matter, and an item that never wins would be 0
        climbed = np.maximum(climbed, 1e-12)
        climbed /= np.exp(np.log(climbed).mean())
    return climbed


def log_likelihood(table: Comparisons, strength: Floats, weight: Floats, prior: float) -> float:
    """Return the log-likelihood with the prior's comparisons."""
    chosen = np.log(strength[table.winner]) - np.log(strength[table.winner] + strength[table.loser])
    with_prior = prior * (np.log(strength) - 2 * np.log1p(strength))
    return float((weight * chosen).sum() + with_prior.sum())
