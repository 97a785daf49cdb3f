"""From the confidence a model claims to the accuracy an expert finds.

Temperature: q = σ(logit(p) / T + b) with one T > 0, and b = 0 unless asked for; fitted to audited tasks by maximum
likelihood with a weak prior that keeps few audits from extremes. Isotonic: the best fit that never falls, by pooling
adjacent violators; free in shape, so it needs several hundred audits.

    ECE = Σ over bins of (tasks in bin / tasks) · |accuracy in bin - mean confidence in bin|

Platt: Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods. Advances in
Large Margin Classifiers, 1999 (with a shift: of log odds as its scores, and with another prior).
Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017 (without one).
Zadrozny, Elkan: Transforming classifier scores into accurate multiclass probability estimates. KDD 2002.
Ayer et al.: An empirical distribution function for sampling with incomplete information. Ann. Math. Stat. 26, 1955.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from .arrays import Flags, Floats

SURE = 1e-6  # confidences of 0 and 1 are taken as this near to them
FEWEST = 20  # audits without which no calibration is claimed


@dataclass(frozen=True, eq=False)
class Temperature:
    """q = σ(logit(p) / temperature + shift)."""

    temperature: float
    shift: float = 0.0

    def __call__(self, confidence: Floats) -> Floats:
        """Return calibrated confidences.

        >>> Temperature(2.0)(np.array([0.5, 0.9])).round(2).tolist()
        [0.5, 0.75]
        """
        calibrated: Floats = scipy.special.expit(_logit(confidence) / self.temperature + self.shift)
        return calibrated


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A function that never falls: at at[i] it is level[i], straight in between, and level beyond the ends."""

    at: Floats
    level: Floats

    def __call__(self, confidence: Floats) -> Floats:
        """Return calibrated confidences."""
        return np.interp(confidence, self.at, self.level)


def temperature(
    confidence: Floats, right: Floats | Flags, weight: Floats | None = None, *, shift: bool = False
) -> Temperature:
    """Fit a temperature to audited tasks, with log T ~ N(0, 1) and shift ~ N(0, 1).

    Args:
        confidence, right: of each audited task what was claimed, and 1 where the label was right.
        weight: 1 / the task's chance of having been drawn for the audit, in proportion; scaled to a mean of 1.
        shift: also move all confidences, which audits of one accuracy throughout call for.
    """
    claimed, found = _logit(np.asarray(confidence, dtype=np.float64)), np.asarray(right, dtype=np.float64)
    share = np.ones_like(found) if weight is None else np.asarray(weight) / np.mean(weight)

    def loss(parameters: Floats) -> float:
        odds = claimed * np.exp(-parameters[0]) + (parameters[1] if shift else 0.0)
        likelihood = share * (found * scipy.special.log_expit(odds) + (1 - found) * scipy.special.log_expit(-odds))
        return float((parameters**2).sum() / 2 - likelihood.sum())

    best = scipy.optimize.minimize(loss, np.zeros(2 if shift else 1), method="L-BFGS-B").x
    return Temperature(float(np.exp(best[0])), float(best[1]) if shift else 0.0)


def isotonic(confidence: Floats, right: Floats | Flags, weight: Floats | None = None) -> Isotonic:
    """Fit the function nearest to the audited tasks of those that never fall.

    Tasks of one confidence have one level, whatever their order: they are as good as their mean, with all their weight.

    >>> isotonic(np.array([0.6, 0.7, 0.8, 0.9]), np.array([1, 0, 1, 1])).level.tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    at, place = np.unique(np.asarray(confidence, dtype=np.float64), return_inverse=True)
    share = np.ones(len(place)) if weight is None else np.asarray(weight, dtype=np.float64)
    mass = np.bincount(place, share)
    mean = np.bincount(place, share * np.asarray(right, dtype=np.float64)) / mass
    return Isotonic(at, scipy.optimize.isotonic_regression(mean, weights=mass).x)


def expected_error(confidence: Floats, right: Floats | Flags, bins: int = 10, *, weight: Floats | None = None) -> float:
    """Return the expected calibration error, bins of equal width over [0, 1]; `weight` as for `temperature`.

    >>> round(expected_error(np.array([0.95, 0.95, 0.65, 0.65]), np.array([1, 1, 1, 0])), 2)
    0.1
    """
    claimed, found = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if not len(found):
        return float("nan")
    where = np.minimum((claimed * bins).astype(np.int64), bins - 1)
    share = np.ones(len(found)) if weight is None else np.asarray(weight) / np.mean(weight)
    gap = np.bincount(where, share * (found - claimed), minlength=bins)
    return float(np.abs(gap).sum() / len(found))


def sampling_floor(
    confidence: Floats, bins: int = 10, draws: int = 200, seed: int = 0, *, weight: Floats | None = None
) -> float:
    """Return the error that perfectly calibrated confidences would show by chance: tasks are few, bins are fewer."""
    rng = np.random.default_rng(seed)
    drawn = [rng.random(len(confidence)) < confidence for _ in range(draws)]
    return float(np.mean([expected_error(confidence, right, bins, weight=weight) for right in drawn]))


def _logit(confidence: Floats) -> Floats:
    odds: Floats = scipy.special.logit(np.clip(confidence, SURE, 1 - SURE))
    return odds
