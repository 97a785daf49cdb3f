"""How unlikely it is that a worker says a label so often, when others tell how often it is due.

An answer is this label with chance p, from what others say of the task; a worker's habit b moves the log odds of all
its answers alike, for honest workers differ: the less accurate say a rare label more often. With said = Σ of n answers

    P(said ≥ x) = ∫ P(said ≥ x | b) dF(b)       F: Student's t of scale τ; b < 0 counts as 0, b > t as certain
    P(said ≥ x | b) = φ(w) (M(w) - 1/w + 1/u)    M: Mills' ratio, (1 - Φ(w)) / φ(w)
    w² = 2 ((t - b) (x - ½) - K(t) + K(b))       u = 2 sinh((t - b) / 2) √K''(t)
    K(t) = Σ log(1 - p + p eᵗ)                   K'(t) = x - ½

the saddlepoint approximation of a Poisson-binomial tail, right also where p is small and x are few, where a normal
distribution is not. A habit is an exponential tilt, so one t serves all b. τ is the crowd's own (`spread`).

Lugannani, Rice: Saddle point approximation for the distribution of the sum of independent random variables. Advances
in Applied Probability 12, 1980. Daniels: Tail probability approximations. International Statistical Review 55, 1987
(section 5: the correction for whole numbers that is used here).
Huber: Robust estimation of a location parameter. Annals of Mathematical Statistics 35, 1964 (proposal 2).
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from .arrays import Floats, Ints, ratio

EVEN = 0.25  # of log odds: honest workers' habits differ by a quarter at least
TELLING = 1.0  # the least variance of what is said from which on a worker tells of the crowd's habits
CUT = 1.5  # deviations from which on it does not matter how far off one is
# By math, as scipy would load here what every process then holds.
CUT_MEAN = (
    math.erf(CUT / math.sqrt(2))
    - 2 * CUT * math.exp(-(CUT**2) / 2) / math.sqrt(2 * math.pi)
    + CUT**2 * math.erfc(CUT / math.sqrt(2))
)
EFFICIENT = 0.75  # workers that tell the spread as well as one would without the cut
STEPS = 24
HALVINGS = 45
MOST_TILT = 50.0


def tails(worker: Ints, chance: Floats, said: Ints, n_workers: int) -> Floats:
    """Return how likely an honest worker says one label as often as each did, 1 where less often than is usual.

    Args:
        worker, chance: of each answer, who gave it and how likely it was to be this label, above 0.
        said: (n_workers,) answers that are this label.
    """
    answers = _Answers(worker, chance, n_workers)
    due, variance = answers.sums(chance), answers.sums(chance * (1 - chance))
    habit = ratio(said - due, variance, otherwise=0.0)
    telling = variance >= TELLING
    scale = max(spread(habit[telling], 1 / variance[telling]), EVEN)
    usual = due + np.maximum(np.sqrt(variance + (scale * variance) ** 2), 0.5)
    often = np.flatnonzero(said > usual)
    tail = np.ones(n_workers)
    tail[often] = answers.of(often).tail(said[often] - np.float64(0.5), scale, freedom(int(telling.sum())))
    return tail


def spread(deviation: Floats, variance: Floats) -> float:
    """Return the spread of what deviations are of, each known to its own variance; few far-off ones don't matter.

    It makes the mean of min(z², CUT²) what a normal distribution makes it, z² = deviation² / (spread² + variance).
    """

    def excess(between: float) -> float:
        z2 = ratio(deviation**2, between**2 + variance, otherwise=np.inf)
        return float(np.minimum(z2, CUT**2).mean()) - CUT_MEAN

    if not len(deviation) or excess(0.0) <= 0:
        return 0.0
    most = float(np.abs(deviation).max()) * 10
    return float(scipy.optimize.brentq(excess, 0.0, most)) if excess(most) < 0 else most


def freedom(workers: int) -> float:
    """Return the degrees of freedom of a spread that so many workers tell: its own error makes tails heavier."""
    return max(EFFICIENT * (workers - 1), 1.0)


class _Answers:
    def __init__(self, worker: Ints, chance: Floats, n_workers: int) -> None:
        self.worker, self.chance, self.n_workers = worker, chance, n_workers

    def of(self, workers: Ints) -> _Answers:
        """Return only the answers of these workers, numbered as they are here."""
        code = np.full(self.n_workers, -1)
        code[workers] = np.arange(len(workers))
        kept = code[self.worker] >= 0
        return _Answers(code[self.worker[kept]], self.chance[kept], len(workers))

    def sums(self, values: Floats) -> Floats:
        return np.bincount(self.worker, values, minlength=self.n_workers).astype(np.float64)

    def cumulant(self, tilt: Floats) -> Floats:
        return self.sums(np.log1p(self.chance * np.expm1(tilt)[self.worker]))

    def tilted(self, tilt: Floats) -> Floats:
        """Return each answer's chance under its worker's tilt."""
        odds = self.chance * np.exp(tilt)[self.worker]
        chance: Floats = odds / (1 - self.chance + odds)
        return chance

    def tail(self, least: Floats, scale: float, degrees: float) -> Floats:
        """Return the chance that more than `least`, half a number above what is due or more, are this label."""
        tilt = self._tilt_to(least)
        moved = self.tilted(tilt)
        deviation, end = np.sqrt(self.sums(moved * (1 - moved))), self.cumulant(tilt)

        def given(habit: Floats) -> Floats:
            w = np.sqrt(np.maximum(2 * ((tilt - habit) * least - end + self.cumulant(habit)), 1e-12))
            u = 2 * np.sinh((tilt - habit) / 2) * deviation
            mills = np.sqrt(np.pi / 2) * scipy.special.erfcx(w / np.sqrt(2))
            chance: Floats = np.clip(np.exp(-w * w / 2) / np.sqrt(2 * np.pi) * (mills - 1 / w + 1 / u), 0.0, 1.0)
            return chance

        def beyond(habit: Floats) -> Floats:
            chance: Floats = scipy.stats.t.sf(habit / scale, degrees)
            return chance

        total = 0.5 * given(np.zeros(self.n_workers)) + beyond(tilt)
        for step in range(STEPS):
            low, middle, high = (tilt * (step + part) / STEPS for part in (0, 0.5, 1))
            total += (beyond(low) - beyond(high)) * given(middle)
        return np.minimum(total, 1.0)

    def _tilt_to(self, least: Floats) -> Floats:
        """Return the tilt under which so many are due, by bisection."""
        low, high = np.zeros(self.n_workers), np.full(self.n_workers, MOST_TILT)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            short = self.sums(self.tilted(middle)) < least
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        tilt: Floats = (low + high) / 2
        return tilt
