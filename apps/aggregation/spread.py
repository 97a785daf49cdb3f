"""How far answers to one task lie apart, from all pairs of answers x, y to one task.

    s = 1.4826 · median of |x - y| / √2

Where more than half of all pairs are equal, s = √π / 2 · mean of |x - y| (Gini's), lest a spread be none; of
distances cut at the 95th of a hundred, lest one slip be all of it. A few answers to one task cannot tell its spread.

Rousseeuw, Croux: Alternatives to the median absolute deviation. JASA 88, 1993 (spreads by pairs, without a centre).
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .measurements import Measurements
from .pairs import within

PAIRED = 100  # answers to one task that tell the spread
TO_DEVIATION = 1.4826  # standard deviation of a normal distribution over its median absolute deviation


def deviation(table: Measurements) -> float:
    """Return the standard deviation s of one answer, from all pairs of answers to one task.

    It is 0 where all agree, and nan where no task has two.
    """
    apart = gaps(table)
    if not len(apart):
        return np.nan
    middle, far = np.quantile(apart, [0.5, 0.95])
    return float(TO_DEVIATION * middle / np.sqrt(2) or np.sqrt(np.pi) / 2 * np.minimum(apart, far).mean())


def gaps(table: Measurements) -> Floats:
    """Return how far apart the answers of each pair to one task are."""
    first, second = within(table.start, most=PAIRED)
    apart: Floats = np.abs(table.value[first] - table.value[second])
    return apart
