"""What most would say of a pair: the first item, the second, or neither, by its own answers and by the ranking.

    share of neither                     d ~ Beta(own draws + K d°, own preferences + K (1 - d°))
    share of the first of preferences    y ~ Beta(own for the first + M y°, own for the second + M (1 - y°))
    1/M = 1/(4 I) + 1/κ

d° and y° are Davidson's probabilities at the difference of both scores without the pair's own answers, one Newton step
away from the ranking's. I is the information on that difference in the other answers; of an answer it is the variance
of ½, -½ or 0 for the first, the second or neither. Such conductances in a row and side by side are added up as if they
made a tree (by messages between items), each item with the prior's. Divided by ¼, what a preference between equals
tells, I is so many answers' worth. κ and K say how closely pairs follow any ranking: tastes may go in circles. Each is
the mean over a grid, weighted by how likely all pairs' own answers make it (beta-binomial).

The confidence in a label is the probability that its share is the greatest. The first's is where y > ½ and
d < y / (1 + y): without draws a Beta's tail, with them

    P(first) = P(d < a) P(y > a / (1 - a)) + ∫ p(d) P(y > d / (1 - d)) dd       over d from a to b, ⅓ ≤ a ≤ b ≤ ½

where a and b are as far as y may be from its mean: below them its tail is all, beyond it is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from .arrays import Floats, Ints
from .bradley_terry import PRIOR
from .comparisons import DRAWN, LEFT, RIGHT, Ranking

EVEN = 0.25  # what a preference between equals tells
CLOSENESS = 2.0 ** np.arange(5)  # no model of a crowd is to outvote many answers to the pair itself
FARTHEST = 30.0  # a difference beyond which no probability changes
FAR = 8  # deviations from its mean beyond which no share is, or more where answers are so few
NODES, ROUNDS = 20, 10  # of the integral, of messages


@dataclass(frozen=True, eq=False)
class Preferences:
    """Args:
    chance: (n_pairs, 3) probability that most would say the first item, the second, neither.
    label: (n_pairs,) the likeliest: LEFT for the first item, RIGHT, or DRAWN; the earliest of equals.
    confidence: (n_pairs,) its chance.
    """

    chance: Floats
    label: Ints
    confidence: Floats


def shares(difference: Floats, ties: float) -> Floats:
    """Return (n, 3) probabilities that one says the first, the second, neither, the first's score being so far above.

    >>> shares(np.array([0.0]), ties=2.0).tolist()
    [[0.25, 0.25, 0.5]]
    """
    half = np.clip(difference, -FARTHEST, FARTHEST) / 2
    odds = np.stack([np.exp(half), np.exp(-half), np.full(len(half), ties)], axis=1)
    found: Floats = odds / odds.sum(axis=1, keepdims=True)
    return found


def fit(ranking: Ranking, first: Ints, second: Ints, answers: Floats) -> Preferences:
    """Return what most would say of each pair.

    Args:
        first, second: (n_pairs,) items.
        answers: (n_pairs, 3) how many said the first, the second, neither; all that the ranking rests on.
    """
    said, worth = _by_others(ranking, first, second, answers)
    preferred, own = said[:, :DRAWN] / said[:, :DRAWN].sum(axis=1, keepdims=True), answers[:, :DRAWN]
    ahead = own + _closeness(preferred, worth, own) * preferred
    if ranking.ties:
        drawn = np.stack([said[:, DRAWN], 1 - said[:, DRAWN]], axis=1)
        own = np.stack([answers[:, DRAWN], own.sum(axis=1)], axis=1)
        chance = greatest(ahead, own + _closeness(drawn, np.full(len(own), np.inf), own) * drawn)
    else:
        most = scipy.special.betainc(ahead[:, RIGHT], ahead[:, LEFT], 0.5)
        chance = np.stack([most, 1 - most, np.zeros(len(most))], axis=1)
    label = chance.round(9).argmax(axis=1)
    return Preferences(chance, label, chance[np.arange(len(label)), label])


def _by_others(ranking: Ranking, first: Ints, second: Ints, answers: Floats) -> tuple[Floats, Floats]:
    """Return the shares that the other pairs let expect of each, and how many answers that is worth."""
    difference = ranking.score[first] - ranking.score[second]
    expected, given = shares(difference, ranking.ties), answers.sum(axis=1)
    ahead = (expected[:, LEFT] - expected[:, RIGHT]) / 2
    own = given * ((expected[:, LEFT] + expected[:, RIGHT]) / 4 - ahead**2)
    one, two = _told(len(ranking.score), first, second, np.maximum(own, 1e-12))
    others = 1 / (1 / one + 1 / two)
    pull = (answers[:, LEFT] - answers[:, RIGHT]) / 2 - given * ahead
    return shares(difference - pull / others, ranking.ties), others / EVEN


def _told(n_items: int, first: Ints, second: Ints, own: Floats) -> tuple[Floats, Floats]:
    """Return what all but the pair itself tells of its first item, and of its second."""
    to_first = to_second = own
    for _ in range(ROUNDS):
        # The prior's curvature at its top: elsewhere it is less, and a Newton step would go too far.
        told = 2 * PRIOR * EVEN + np.bincount(first, to_first, minlength=n_items)
        told += np.bincount(second, to_second, minlength=n_items)
        one, two = told[first] - to_first, told[second] - to_second
        to_first, to_second = 1 / (1 / own + 1 / two), 1 / (1 / own + 1 / one)
    return one, two


def _closeness(expected: Floats, worth: Floats, own: Floats) -> Floats:
    """Return of each pair how many answers what is expected of it counts for, as a column."""
    weights = 1 / (1 / worth + 1 / CLOSENESS[:, None])
    counts = np.maximum(weights[:, :, None] * expected, 1e-12)
    likely = (scipy.special.gammaln(counts + own) - scipy.special.gammaln(counts)).sum(axis=2)
    likely += scipy.special.gammaln(weights) - scipy.special.gammaln(weights + own.sum(axis=1))
    closeness: Floats = scipy.special.softmax(likely.sum(axis=1)) @ weights
    return closeness[:, None]


def greatest(ahead: Floats, drawn: Floats) -> Floats:
    """Return (n, 3) probabilities that the share of the first, the second, neither is the greatest.

    Args:
        ahead: (n, 2) the Beta of the first's share of preferences.
        drawn: (n, 2) the Beta of the share of neither.

    >>> greatest(np.array([[3.0, 1.0]]), np.array([[1.0, 2.0]])).round(2).tolist()
    [[0.6, 0.08, 0.32]]
    """
    at, mass = np.polynomial.legendre.leggauss(NODES)
    chance = np.zeros((len(ahead), 3))
    for side in (LEFT, RIGHT):
        own, other = ahead[:, side, None], ahead[:, 1 - side, None]
        total = own + other
        reach = FAR * np.sqrt(own * other / (total + 1)) / total + 20 / total
        low, high = (share / (1 + share) for share in np.clip([own / total - reach, own / total + reach], 0.5, 1.0))
        draws = (low + high + (high - low) * at) / 2
        log = (drawn[:, :1] - 1) * np.log(draws) + (drawn[:, 1:] - 1) * np.log1p(-draws)
        density = np.exp(log - scipy.special.betaln(*drawn.T)[:, None])
        below = scipy.special.betainc(*drawn.T[:, :, None], low)
        weight = np.concatenate([below, density * mass * (high - low) / 2], axis=1)
        draws = np.concatenate([low, draws], axis=1)
        chance[:, side] = (weight * scipy.special.betainc(other, own, 1 - draws / (1 - draws))).sum(axis=1)
    chance[:, DRAWN] = 1 - chance.sum(axis=1)
    return chance
