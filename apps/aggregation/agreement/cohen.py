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
from .units import mixed, one_hot
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
    credit = None if kind == "identity" else weights(kind, labels, values)
    one, other = (np.flatnonzero(table.worker == worker) for worker in (first, second))
    _, at, also = np.intersect1d(table.task[one], table.task[other], assume_unique=True, return_indices=True)
    cell = table.label[one[at]].astype(np.int64) * labels + table.label[other[also]]
    cells, repeats = np.unique(cell, return_counts=True)
    by_one, by_other = np.divmod(cells, labels)
    said = [one_hot(label, labels) for label in (by_one, by_other)]
    disagreement = 1 - (by_one == by_other if credit is None else credit[by_one, by_other])

    def statistic(weighted: Floats) -> Floats:
        a, b = (mixed(weighted, labelled) for labelled in said)
        total = weighted.sum(axis=1)
        expected = total**2 - ((a if credit is None else a @ credit) * b).sum(axis=1)
        return 1 - ratio(weighted @ disagreement * total, expected)

    return coefficient(statistic, repeats.astype(np.float64), width=labels)
