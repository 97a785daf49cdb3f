"""Cohen's kappa: agreement of two workers beyond what their own habits make likely, plain or weighted.

    κ = 1 - Σ v[k, l] o[k, l] / Σ v[k, l] a[k] b[l],   v = 1 - weights
    o: share of tasks that the first labels k and the second l; a, b: their shares of labels

Cohen: A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 1960.
Cohen: Weighted kappa. Psychological Bulletin 70, 1968.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.table import Table

from .bootstrap import Coefficient, coefficient
from .weights import Weights, weights


def cohen(
    table: Table,
    first: int = 0,
    second: int = 1,
    kind: Weights = "identity",
    values: Sequence[float] | Floats | None = None,
) -> Coefficient:
    """Return kappa of two workers over the tasks that both answered.

    >>> round(cohen(Table([0, 0, 1, 1, 2, 2, 3, 3], [0, 1] * 4, [0, 0, 1, 1, 0, 1, 1, 1], 4, 2, 2)).value, 3)
    0.5
    """
    labels = table.n_labels
    disagreement = (1 - weights(kind, labels, values)).ravel()
    one, other = (np.flatnonzero(table.worker == worker) for worker in (first, second))
    _, at, also = np.intersect1d(table.task[one], table.task[other], assume_unique=True, return_indices=True)
    cell = table.label[one[at]].astype(np.int64) * labels + table.label[other[also]]
    repeats = np.bincount(cell, minlength=labels * labels).astype(np.float64)

    def statistic(weighted: Floats) -> Floats:
        joint = weighted.reshape(-1, labels, labels)
        expected = np.einsum("nk,nl->nkl", joint.sum(axis=2), joint.sum(axis=1)).reshape(-1, labels * labels)
        return 1 - ratio(weighted @ disagreement * weighted.sum(axis=1), expected @ disagreement)

    return coefficient(statistic, repeats)
