"""Fleiss' kappa: agreement of many workers beyond what the shares of labels make likely.

    κ = (P - P_e) / (1 - P_e),   P_e = Σ_k π[k]²,   π[k] = mean over tasks of the share of answers k

With as many answers to each task it is the coefficient of the paper; with unequal numbers, Gwet's extension, in which
a task with one answer tells about π but not about P (percent agreement).

Fleiss: Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 1971.
Gwet: Handbook of inter-rater reliability, 4th edition, 2014, section 2.
"""

from __future__ import annotations

import numpy as np
import scipy

from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.table import Table

from .bootstrap import Coefficient, coefficient
from .percent import agreements
from .units import Units, mixed, units


def fleiss(table: Table | Units) -> Coefficient:
    """Return kappa.

    >>> round(fleiss(Table([0, 0, 1, 1, 2, 2, 3, 3], [0, 1] * 4, [0, 0, 1, 1, 0, 1, 1, 1], 4, 2, 2)).value, 3)
    0.467
    """
    every = units(table)
    agreed, pairable = np.nan_to_num(agreements(every)), (every.votes > 1).astype(np.float64)

    def statistic(weights: Floats) -> Floats:
        by_chance: Floats = (label_shares(every, weights) ** 2).sum(axis=1)
        return ratio(ratio(weights @ agreed, weights @ pairable) - by_chance, 1 - by_chance)

    return coefficient(statistic, every.repeats, width=every.n_labels)


def label_shares(every: Units, weights: Floats) -> Floats:
    """Return the mean over tasks of the shares of each label, for each row of weights: (n, n_labels)."""
    shares = mixed(weights, scipy.sparse.diags(1 / every.votes) @ every.counts)
    return ratio(every.levelled(shares), weights.sum(axis=1, keepdims=True))
