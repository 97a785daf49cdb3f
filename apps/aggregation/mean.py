"""The mean of each task's numbers, its error from the spread s that all tasks share.

    μ_t = Σ x / n_t      s² = Σ (x - μ_t)² / Σ over tasks of (n_t - 1)      error_t = s / √n_t

The pooled variance within groups of Fisher: Statistical methods for research workers. 1925 (chapter 7).
"""

from __future__ import annotations

import numpy as np

from .measurements import Estimate, Measurements, errors, estimate, weighted_mean


def mean(table: Measurements) -> Estimate:
    """Return each task's mean, its standard error from the spread that all tasks share.

    >>> mean(Measurements([0, 0, 1], [0, 1, 0], [1.0, 3.0, 5.0], n_tasks=2, n_workers=2)).value.tolist()
    [2.0, 5.0]
    """
    value = weighted_mean(table, np.ones(len(table.value)))
    free = float(np.maximum(table.votes - 1, 0).sum())
    variance = float((errors(table, value) ** 2).sum()) / free if free else np.nan
    return estimate(table, value, variance, np.ones(len(table.value)))
