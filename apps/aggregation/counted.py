"""Whether numbers are counted or measured: how often answers to one task are the same, beyond what chance makes.

A mean of such answers is a number that nobody gave, and one slip moves it. Pairs that chance makes the same tell
nothing: where most of all answers are 0, as on a scale from "not at all", so are most pairs, whatever is asked.

    (o - e) / (1 - e) ≥ ½,  o: share of pairs that are the same, e: of any two answers, drawn with replacement

With o the lower end of Wilson's interval, one-sided at 95 %, of as many pairs as there are answers after the first
to a task: the others of its pairs follow. A few pairs that agree tell nothing of how answers to others lie.

Scott: Reliability of content analysis: the case of nominal scale coding. Public Opinion Quarterly 19, 1955.
"""

from __future__ import annotations

import numpy as np

from .measurements import Measurements
from .spread import gaps

LIKELY = 1.645  # standard deviations of a normal distribution that 95 in 100 stay below


def are_counted(table: Measurements) -> bool:
    """Tell whether most pairs of answers to one task are the same number, as with counts, prices and years.

    >>> task, worker = np.arange(40) // 2, np.arange(40) % 2
    >>> [are_counted(Measurements(task, worker, given, 20, 2)) for given in (task, task * worker)]
    [True, False]
    >>> are_counted(Measurements([0, 0, 1, 1], [0, 1] * 2, [3, 3, 8, 8], 2, 2))
    False
    """
    apart = gaps(table)
    if not len(apart):
        return False
    _, times = np.unique(table.value[table.votes[table.task] > 1], return_counts=True)
    observed, expected = float((apart == 0.0).mean()), float(((times / times.sum()) ** 2).sum())
    told = float(np.maximum(table.votes - 1, 0).sum())
    off = LIKELY * np.sqrt(observed * (1 - observed) / told + (LIKELY / told / 2) ** 2)
    lowest = (observed + LIKELY**2 / told / 2 - off) / (1 + LIKELY**2 / told)
    return bool(lowest - expected >= (1 - expected) / 2)
