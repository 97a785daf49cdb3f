"""Which of several answers of one worker to one task counts: whatever the order of rows is, the same."""

from __future__ import annotations

import numpy as np

from apps.aggregation.arrays import Ints

RULE = "of a worker's answers to a task the one given most often counts, of those given as often the first by name"


def one_of_each(key: Ints, label: Ints) -> Ints:
    """Return a row of each key, in the order of the rows: of its most frequent label, of several the lowest.

    >>> one_of_each(np.array([7, 7, 7, 4, 4]), np.array([0, 2, 2, 3, 1])).tolist()
    [1, 4]
    """
    kept: Ints = np.unique(key, return_index=True)[1]
    if len(kept) < len(key):
        order = np.lexsort((label, key))
        new = np.append(True, (np.diff(key[order]) != 0) | (np.diff(label[order]) != 0))
        first = np.flatnonzero(new)  # of each label of a key
        often = np.diff(np.append(first, len(key)))
        some = order[first]  # rows of one key and label are in their own order here
        best = np.lexsort((label[some], -often, key[some]))
        kept = some[best[np.append(True, np.diff(key[some][best]) != 0)]]
    return np.sort(kept)
