"""Intervals for a statistic of tasks: resample tasks, not answers, since answers to one task hang together.

A resample holds some tasks twice, which chance-corrected coefficients take for more agreement by chance. So replicates
are moved by their mean distance to the statistic, without which an interval of few tasks may not hold its coefficient.

Efron: Bootstrap methods: another look at the jackknife. Annals of Statistics 7, 1979 (percentile interval).
Efron, Tibshirani: An introduction to the bootstrap. 1993 (chapter 10, the bias of replicates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from apps.aggregation.arrays import Floats

REPLICATES = 1000
CELLS = 1 << 22  # weights held at a time


@dataclass(frozen=True)
class Coefficient:
    """A coefficient, its 95 % interval, and the tasks it rests on; nan where the answers do not determine it."""

    value: float
    low: float
    high: float
    tasks: int


Statistic = Callable[[Floats], Floats]  # (n, units) weights -> (n,) values


def coefficient(statistic: Statistic, repeats: Floats, *, level: float = 0.95, seed: int = 0) -> Coefficient:
    """Return the statistic with the percentile interval of its replicates, less their bias.

    Args:
        statistic: takes rows of weights, how often each unit counts.
        repeats: (units,) how many tasks look like this unit. Tasks that look alike are drawn together, which gives
            the very distribution of drawing them one by one, at a fraction of the time.
    """
    tasks = int(repeats.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(repeats[None, :].astype(np.float64))[0]) if tasks else np.nan
        if not tasks or np.isnan(value):
            return Coefficient(value, np.nan, np.nan, tasks)
        rng, drawn, step = np.random.default_rng(seed), [], max(1, CELLS // len(repeats))
        for first in range(0, REPLICATES, step):
            weights = rng.multinomial(tasks, repeats / tasks, size=min(step, REPLICATES - first))
            drawn.append(statistic(weights.astype(np.float64)))
    tail = (1 - level) / 2
    determined = np.concatenate(drawn)
    determined = determined[~np.isnan(determined)]
    low, high = np.quantile(determined, [tail, 1 - tail])
    bias = determined.mean() - value
    # What none of the replicates left, the usual range from 0 to 1, is not left.
    return Coefficient(value, float(max(low - bias, min(low, 0))), float(min(high - bias, max(high, 1))), tasks)
