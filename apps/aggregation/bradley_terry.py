"""Bradley-Terry: the odds that one item is preferred to another are the ratio of their strengths.

    P(i over j) = s[i] / (s[i] + s[j] + ν √(s[i] s[j]))
    P(neither)  = ν √(s[i] s[j]) / (s[i] + s[j] + ν √(s[i] s[j]))
    s[i] ← (wins of i + draws of i / 2 + prior)
           / (Σ over comparisons of i with j of (1 + ν/2 √(s[j] / s[i])) P(i over j) / s[i] + 2 prior / (s[i] + 1))
    s    ← s exp(2 - 4 · mean of s / (s + 1)), all together
    ν    ← ν (1 + g / h), or ν / (1 - g / h) where g < 0
           g = draws + 1 - Σ P(neither), h = Σ P(neither) (1 - P(neither)), the prior's two comparisons counted in Σ

minorise-maximise steps, which never lower the likelihood; of ν it is Newton's in log ν, shortened to the least that the
likelihood, logistic in log ν, can rise by (Bach). Draws are Davidson's: half a win for each; where nobody says
one, ν is 0 and the model Bradley and Terry's. The prior is that many wins and as many losses of every item against an
average one of strength 1, without which an item that always wins would be infinitely strong; and of ν, where there are
draws, one draw and one preference between equals.

Bradley, Terry: Rank analysis of incomplete block designs. Biometrika 39, 1952.
Davidson: On extending the Bradley-Terry model to accommodate ties in paired comparison experiments. JASA 65, 1970.
Hunter: MM algorithms for generalized Bradley-Terry models. Annals of Statistics 32, 2004.
Bach: Self-concordant analysis for logistic regression. Electronic Journal of Statistics 4, 2010 (proposition 1).
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .comparisons import DRAWN, Comparisons, Ranking, rank
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
    strength, ties, objective = np.ones(table.n_items), first_ties(table), []
    weight = np.ones(len(table.winner))
    for iteration in range(iterations):
        strength, ties = climb(table, strength, ties, weight, prior)
        objective.append(float((weight * np.log(chance(table, strength, ties))).sum() + density(strength, ties, prior)))
        if progress:
            progress(iteration + 1, iterations)
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance:
            break
    return rank(strength, np.full(table.n_workers, np.nan), objective, ties)


def first_ties(table: Comparisons) -> float:
    """Return the ν to start from: 0 for good where nobody says that neither is preferred."""
    return float((table.said == DRAWN).any())


def chance(table: Comparisons, strength: Floats, ties: float) -> Floats:
    """Return the probability of what each comparison says."""
    winner, loser = strength[table.winner], strength[table.loser]
    neither = ties * np.sqrt(winner * loser)
    said: Floats = np.where(table.said == DRAWN, neither, winner) / (winner + loser + neither)
    return said


def climb(table: Comparisons, strength: Floats, ties: float, weight: Floats, prior: float) -> tuple[Floats, float]:
    """Return strengths and ν after one step, comparisons counting with their weight.

    Without a prior strengths are of geometric mean 1.
    """
    drawn = table.said == DRAWN
    winner, loser = strength[table.winner], strength[table.loser]
    mean = np.sqrt(winner * loser)
    shared = weight / (winner + loser + ties * mean)
    won = np.bincount(table.winner, weight * np.where(drawn, 0.5, 1.0), minlength=table.n_items)
    won += np.bincount(table.loser, weight * np.where(drawn, 0.5, 0.0), minlength=table.n_items)
    met = np.bincount(table.winner, shared * (1 + ties / 2 * mean / winner), minlength=table.n_items)
    met += np.bincount(table.loser, shared * (1 + ties / 2 * mean / loser), minlength=table.n_items)
    climbed = (won + prior) / np.maximum(met + 2 * prior / (strength + 1), 1e-300)
    if prior == 0.0:  # then only ratios matter, and an item that never wins would be 0
        climbed = np.maximum(climbed, 1e-12)
        climbed /= np.exp(np.log(climbed).mean())
    elif table.n_items:
        # Only the prior tells how strong all are together, its log-density of an item no more curved than -prior / 2.
        # Left to single strengths, that takes most of the steps.
        climbed *= np.exp(2 - 4 * (climbed / (1 + climbed)).mean())
    if not ties:
        return climbed, ties
    winner, loser = climbed[table.winner], climbed[table.loser]
    mean = np.sqrt(winner * loser)
    neither, even = ties * mean / (winner + loser + ties * mean), ties / (2 + ties)
    slope = weight[drawn].sum() + 1 - (weight * neither).sum() - 2 * even
    step = float(slope / ((weight * neither * (1 - neither)).sum() + 2 * even * (1 - even)))
    return climbed, ties * (1 + step) if step > 0 else ties / (1 - step)


def density(strength: Floats, ties: float, prior: float) -> float:
    """Return the log-density of the prior's comparisons."""
    of_strength = prior * (np.log(strength) - 2 * np.log1p(strength)).sum()
    return float(of_strength + (np.log(ties) - 2 * np.log(2 + ties) if ties else 0.0))
