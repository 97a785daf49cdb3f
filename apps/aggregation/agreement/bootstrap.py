"""Intervals for a statistic of tasks: resample tasks, not answers, since answers to one task hang together.

A resample holds some tasks twice, which chance-corrected coefficients take for more agreement by chance. So replicates
are moved by their mean distance to the statistic, without which an interval of few tasks may not hold its coefficient.

Where no resample differs, since all tasks say the same, there is nothing to resample. That they do in all n tasks
leaves a share of 1 - (α / 2)^(1/n) that may be otherwise, Clopper and Pearson's limit. Where the statistic is a mean
over tasks, each of which says at least a and at most b, that far towards a and b its interval goes; else none is known.

Efron: Bootstrap methods: another look at the jackknife. Annals of Statistics 7, 1979 (percentile interval).
Efron, Tibshirani: An introduction to the bootstrap. 1993 (chapter 10, the bias of replicates).
Clopper, Pearson: The use of confidence or fiducial limits illustrated in the case of the binomial. Biometrika 26, 1934.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from apps.aggregation.arrays import Floats

REPLICATES = 1000
MANY = 20_000  # units; a mean over so many is normal, and its deviation needs fewer replicates than its tails
FEWER = 100
SAME = 1e-12  # what replicates differ by in rounding
CELLS = 1 << 22  # weights, or what is made of them, held at a time


@dataclass(frozen=True)
class Coefficient:
    """A coefficient, its 95 % interval, and the tasks it rests on; nan where the answers do not determine them."""

    value: float
    low: float
    high: float
    tasks: int


Statistic = Callable[[Floats], Floats]  # (n, units) weights -> (n,) values


def coefficient(
    statistic: Statistic,
    repeats: Floats,
    *,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
    seed: int = 0,
    width: int = 0,
) -> Coefficient:
    """Return the statistic with the percentile interval of its replicates, less their bias.

    Args:
        statistic: takes rows of weights, how often each unit counts.
        repeats: (units,) how many tasks look like this unit. Tasks that look alike are drawn together, which gives
            the very distribution of drawing them one by one, at a fraction of the time.
        bounds: the least and the most a task can say, of a mean over tasks.
        width: how many numbers the statistic makes of a row of weights, where those are more.
    """
    tasks = int(repeats.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(repeats[None, :].astype(np.float64))[0]) if tasks else np.nan
        if not tasks or np.isnan(value):
            return Coefficient(value, np.nan, np.nan, tasks)
        rng, drawn, step = np.random.default_rng(seed), [], max(1, CELLS // max(len(repeats), width))
        replicates = REPLICATES if len(repeats) <= MANY else FEWER
        for first in range(0, replicates, step):
            weights = rng.multinomial(tasks, repeats / tasks, size=min(step, replicates - first))
            drawn.append(statistic(weights.astype(np.float64)))
    tail = (1 - level) / 2
    determined = np.concatenate(drawn)
    determined = determined[~np.isnan(determined)]
    if np.ptp(determined) < SAME:
        return _all_the_same(value, tasks, bounds, tail)
    if len(repeats) > MANY:
        half = float(scipy.stats.norm.ppf(1 - tail) * determined.std(ddof=1))
        return Coefficient(value, value - half, value + half, tasks)
    low, high = np.quantile(determined, [tail, 1 - tail])
    bias = determined.mean() - value
    # What none of the replicates left, the usual range from 0 to 1, is not left.
    return Coefficient(value, float(max(low - bias, min(low, 0))), float(min(high - bias, max(high, 1))), tasks)


def _all_the_same(value: float, tasks: int, bounds: tuple[float, float] | None, tail: float) -> Coefficient:
    if bounds is None:
        return Coefficient(value, np.nan, np.nan, tasks)
    otherwise = 1 - tail ** (1 / tasks)
    low, high = (value + otherwise * (bound - value) for bound in bounds)
    return Coefficient(value, low, high, tasks)
