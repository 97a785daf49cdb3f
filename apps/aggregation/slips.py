"""Numbers too far from their task's median m to be opinions: pulled in to m ± 6 s, or told of.

Tukey: The future of data analysis. Annals of Mathematical Statistics 33, 1962 (section 14, winsorising).
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .measurements import Measurements
from .median import median
from .spread import TO_DEVIATION, deviation

GROSS = 6.0  # standard deviations: opinions have heavier tails than normal errors, slips lie further off still


def winsorised(table: Measurements) -> Measurements:
    """Return the numbers with those further than 6 s from their task's median moved there: slips, not opinions.

    >>> table = Measurements([0] * 5, list(range(5)), [1.0, 1.1, 0.9, 1.0, 99.0], n_tasks=1, n_workers=5)
    >>> winsorised(table).value.round(1).tolist()
    [1.0, 1.1, 0.9, 1.0, 1.9]
    """
    if (table.votes < 2).all():
        return table
    middle, reach = median(table)[table.task], GROSS * deviation(table)
    value = np.clip(table.value, middle - reach, middle + reach)
    return Measurements(table.task, table.worker, value, table.n_tasks, table.n_workers)


def split(table: Measurements) -> Floats:
    """Return the error of tasks whose own answers lie so far apart that nothing tells which is a slip; 0 of others.

    So they do where half of them are further than 6 s from their median: (n_tasks,).
    """
    off = np.abs(table.value - median(table)[table.task])
    apart = median(Measurements(table.task, table.worker, off, table.n_tasks, table.n_workers))
    return np.where(apart > GROSS * deviation(table), TO_DEVIATION * apart / np.sqrt(np.maximum(table.votes, 1)), 0.0)
