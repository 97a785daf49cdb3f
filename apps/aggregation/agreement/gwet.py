"""Gwet's AC1 and AC2: agreement beyond chance that does not collapse when one label is frequent.

    AC = (P - P_e) / (1 - P_e)
    P   = mean over tasks with m ≥ 2 answers of Σ_k n_k (n*_k - 1) / (m (m - 1)),   n*_k = Σ_l w[k, l] n_l
    P_e = Σ w / (K (K - 1)) · Σ_k π[k] (1 - π[k]),   π[k] = mean over tasks of the share of answers k

AC1 is AC2 with identity weights w.

Gwet: Computing inter-rater reliability and its variance in the presence of high agreement. British Journal of
Mathematical and Statistical Psychology 61, 2008; Handbook of inter-rater reliability, 4th edition, 2014.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.table import Table

from .bootstrap import CELLS, Coefficient, coefficient
from .fleiss import label_shares
from .units import Units, units
from .weights import Weights, weights


def gwet(
    table: Table | Units, kind: Weights = "identity", values: Sequence[float] | Floats | None = None
) -> Coefficient:
    """Return AC1, or AC2 where `kind` gives partial credit.

    >>> round(gwet(Table([0, 0, 1, 1, 2, 2, 3, 3], [0, 1] * 4, [0, 0, 1, 1, 0, 1, 1, 1], 4, 2, 2)).value, 3)
    0.529
    """
    every = units(table)
    if kind == "identity":  # no matrix is needed, however many labels there are
        credited, total = np.asarray(every.counts.power(2).sum(axis=1)).ravel(), float(table.n_labels)
    else:
        credit = weights(kind, table.n_labels, values)
        credited, total = _credited(every, credit), float(credit.sum())
    credited = credited - every.votes
    agreed, pairable = ratio(credited, every.votes * (every.votes - 1), 0.0), (every.votes > 1).astype(np.float64)
    scale = total / max(table.n_labels * (table.n_labels - 1), 1)

    def statistic(weighted: Floats) -> Floats:
        shares = label_shares(every, weighted)
        by_chance: Floats = scale * (shares * (1 - shares)).sum(axis=1)
        return ratio(ratio(weighted @ agreed, weighted @ pairable) - by_chance, 1 - by_chance)

    return coefficient(statistic, every.repeats, width=every.n_labels)


def _credited(every: Units, credit: Floats) -> Floats:
    """Return Σ_k n_k n*_k of each unit, some units at a time."""
    step = max(1, CELLS // max(every.n_labels, 1))
    blocks = [every.counts[first : first + step] for first in range(0, every.counts.shape[0], step)]
    sums = [np.asarray(block.multiply(block @ credit).sum(axis=1)).ravel() for block in blocks]
    return np.concatenate(sums) if sums else np.zeros(0)
