"""Groups of things that several workers marked, each group with at most one thing of each worker.

Pairs of different workers are taken from the most alike down; each joins the two groups it connects, unless these
already hold things of one worker. So two things that one worker told apart never become one.

Kruskal: On the shortest spanning subtree of a graph. Proceedings of the AMS 7, 1956 (single linkage, here constrained).
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints


def one_each(worker: Ints, one: Ints, other: Ints, alike: Floats) -> list[Ints]:
    """Return the row numbers of each group, groups in order of their first row.

    Args:
        worker: (n,) who marked each thing.
        one, other, alike: (pairs,) the rows, the lower first, of all that are alike enough to join, and how much.

    >>> pairs = (np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8]))
    >>> [group.tolist() for group in one_each(np.array([0, 1, 0]), *pairs)]
    [[0, 1], [2]]
    """
    told_apart = worker[one] != worker[other]
    one, other, alike = one[told_apart], other[told_apart], alike[told_apart]
    group = list(range(len(worker)))
    members = {row: [row] for row in group}
    workers = {row: {int(worker[row])} for row in group}
    for pair in np.lexsort((other, one, -alike.round(9))):
        kept, joined = sorted((group[one[pair]], group[other[pair]]))
        if kept != joined and workers[kept].isdisjoint(workers[joined]):
            for row in members[joined]:
                group[row] = kept
            members[kept] += members.pop(joined)
            workers[kept] |= workers.pop(joined)
    return [np.array(sorted(rows)) for _, rows in sorted(members.items())]


def weighted_median(values: Floats, weight: Floats) -> Floats:
    """Return each column's median, rows weighted; between the two middle values where half the weight is below.

    >>> weighted_median(np.array([[1.0], [2.0], [9.0]]), np.ones(3)).tolist()
    [2.0]
    >>> weighted_median(np.array([[1.0], [2.0]]), np.ones(2)).tolist()
    [1.5]
    """
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    below = weight[order].cumsum(axis=0) / weight.sum()
    columns = np.arange(values.shape[1])
    low = ranked[(below >= 0.5 - 1e-9).argmax(axis=0), columns]
    high = ranked[(below > 0.5 + 1e-9).argmax(axis=0), columns]
    middle: Floats = (low + high) / 2
    return middle
