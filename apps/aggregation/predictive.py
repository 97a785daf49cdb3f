"""How far a combined number may be off: by how the answers to its task lie, and by how those to all tasks do.

    x = μ[t] + error of variance σ²[t] / λ[w]        σ²[t] ~ ν s² / χ²(ν)        λ: the worker's precision
    μ[t] given n answers ~ value + √(σ̃² / Λ) · Student's t of ν + n - 1 degrees of freedom
    σ̃² = (ν s² + Σ λ (x - value)²) / (ν + n - 1)      Λ = Σ λ

An answer at an end of a scale says "so far or further": of its square the expectation is taken, beyond the edge a,

    E[(x - value)² | x beyond a] = σ²/λ · (1 + z φ(z) / (1 - Φ(z)))        z = (a - value) / √(σ²/λ)

(z < 0 where the value lies beyond, too), again and again, as EM does, until the spread stands. As they are, answers at
the ends look nearer to each other than what was meant by them. They are not moved in the mean: there it costs more on
real scales, where who says 0 mostly means 0.

Where all say the same end, z is about 0 and E is σ²/λ again: any spread would stand, and larger ones give larger ones.
Such a value's errors are cut on one side, half of their squares, so what was meant is taken for no more than twice what
is seen: a variance grows up to twice the mean of all as they are, or stays what the task's own answers make it.

A few answers to one task hardly tell its spread, those to all tasks tell how spreads lie: a task's own variance of
d = n - 1 degrees is s² times an F of d and ν degrees, of which ν and s are those of greatest likelihood on a grid. What
all who answer get wrong alike no spread shows.

Tobin: Estimation of relationships for limited dependent variables. Econometrica 26, 1958 (answers beyond an end).
Smyth: Linear models and empirical Bayes methods for assessing differential expression. Statistical Applications in
Genetics and Molecular Biology 3, 2004 (moderated variances; he fits moments of logarithms, which ties have not).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from .arrays import Floats, ratio
from .numbers import Measurements, errors

ALIKE = 1e6  # degrees of freedom from which on a t distribution is a normal one
FREEDOMS = np.array([1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128])
SCALES = np.geomspace(0.01, 2, 40)  # of the mean variance
TIED = 1e-3  # of it: answers that are the same were rounded
CUT = 2  # times the squares seen are what a normal error has that is cut on one side
ROUNDS, SETTLED = 100, 0.01  # of them at most; by what share of itself no variance moves any more
TOLD = 2000  # tasks that tell how spreads lie as well as more would


@dataclass(frozen=True, eq=False)
class Predictive:
    """Args: scale, freedom: (n_tasks,) of Student's t about the combined number; nan scale where nothing tells it."""

    scale: Floats
    freedom: Floats

    def between(self, low: Floats, high: Floats) -> Floats:
        """Return the chance that truth less the combined number is in [low, high], nan where nothing tells it."""
        some = self.scale > 0
        at = [np.divide(end, self.scale, out=np.where(end >= 0, np.inf, -np.inf), where=some) for end in (low, high)]
        chance = scipy.stats.t.cdf(at[1], self.freedom) - scipy.stats.t.cdf(at[0], self.freedom)
        return np.where(np.isnan(self.scale), np.nan, chance)

    def distance(self) -> Floats:
        """Return the expected distance of the truth from the combined number."""
        nu = self.freedom
        log = scipy.special.gammaln((nu + 1) / 2) - scipy.special.gammaln(nu / 2)
        expected: Floats = self.scale * 2 * np.sqrt(nu / np.pi) * np.exp(log) / (nu - 1)
        return expected


def of(
    table: Measurements,
    value: Floats,
    precision: Floats | None = None,
    *,
    edges: tuple[float, float] = (-np.inf, np.inf),
) -> Predictive:
    """Return how the truth may lie about each task's combined number.

    Args:
        precision: (n_workers,) 1 / variance of each worker's errors; all alike by default.
        edges: of answers beyond them nothing tells how far beyond they were meant.

    >>> value = [4.0, 5.0, 6.0] * 9 + [1.0, 5.0, 9.0]
    >>> table = Measurements(np.repeat(np.arange(10), 3), [0, 1, 2] * 10, value, n_tasks=10, n_workers=3)
    >>> of(table, np.full(10, 5.0)).distance()[[0, 9]].round(1).tolist()
    [0.6, 1.3]
    """
    known = precision is not None and len(precision) == table.n_workers and bool(np.isfinite(precision).all())
    weight = precision[table.worker] if known and precision is not None else np.ones(len(table.value))
    held = np.bincount(table.task, weight, minlength=table.n_tasks).astype(np.float64)
    freedom = np.maximum(table.votes - 1, 0).astype(np.float64)
    if not freedom.any():
        return Predictive(np.full(table.n_tasks, np.nan), np.full(table.n_tasks, ALIKE))
    squares = errors(table, value) ** 2
    spread, after = _moderated(table, weight * squares, freedom)
    most = np.maximum(spread, CUT * spread[freedom > 0].mean())
    cut = np.flatnonzero((table.value < edges[0]) | (table.value > edges[1]))
    for _ in range(ROUNDS if len(cut) and spread.any() else 0):
        middle, task = value[table.task[cut]], table.task[cut]
        beyond = np.where(table.value[cut] > edges[1], edges[1] - middle, middle - edges[0])
        squares[cut] = _beyond(beyond, spread[task] / weight[cut])
        before = spread
        spread, after = _moderated(table, weight * squares, freedom)
        spread = np.minimum(spread, most)
        if np.allclose(spread, before, rtol=SETTLED):
            break
    # Where all pairs agree, they tell the spread of their own tasks; of a lone answer it is not known to be none.
    spread[(freedom == 0) & (spread == 0)] = np.nan
    return Predictive(np.sqrt(ratio(spread, held)), after)


def _moderated(table: Measurements, squares: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Return σ̃² and its degrees of freedom of each task, from the answers' squares: (n_tasks,) both."""
    within = np.bincount(table.task, squares, minlength=table.n_tasks).astype(np.float64)
    usual, nu = _usual(within[freedom > 0], freedom[freedom > 0])
    after = nu + freedom
    return (nu * usual + within) / after, after


def _beyond(edge: Floats, variance: Floats) -> Floats:
    """Return the expected square of a normal error of this variance that is known to be beyond the edge."""
    z = edge / np.sqrt(variance)
    hazard = np.exp(scipy.stats.norm.logpdf(z) - scipy.stats.norm.logsf(z))
    squares: Floats = variance * (1 + z * hazard)
    return squares


def _usual(within: Floats, freedom: Floats) -> tuple[float, float]:
    """Return s² and ν of greatest likelihood from sums of squares and their degrees of freedom."""
    mean = float(within.sum() / freedom.sum())
    if mean == 0.0:
        return 0.0, ALIKE
    some = slice(None, None, -(-len(within) // TOLD))
    d = freedom[some]
    own = np.maximum(within[some] / d / mean, TIED)
    scale, nu = (axis.ravel()[:, None] for axis in np.meshgrid(SCALES, FREEDOMS, indexing="ij"))
    x = own / scale
    likelihood = scipy.special.betaln(d / 2, nu / 2)
    likelihood = d / 2 * np.log(d / nu) + (d / 2 - 1) * np.log(x) - (d + nu) / 2 * np.log1p(d * x / nu) - likelihood
    best = int((likelihood - np.log(scale)).sum(axis=1).argmax())
    return mean * float(scale[best, 0]), float(nu[best, 0])
