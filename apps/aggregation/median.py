"""The median of each task's numbers: a number that somebody gave, or half-way between two."""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .measurements import Measurements


def median(table: Measurements, *, given: bool = False) -> Floats:
    """Return each task's median, nan without answers: (n_tasks,); with `given` the lower of two in the middle."""
    order = np.lexsort((table.value, table.task))
    ranked, votes, found = table.value[order], table.votes, np.full(table.n_tasks, np.nan)
    some = np.flatnonzero(votes)
    low, high = table.start[some] + (votes[some] - 1) // 2, table.start[some] + votes[some] // 2
    found[some] = ranked[low] if given else (ranked[low] + ranked[high]) / 2
    return found
