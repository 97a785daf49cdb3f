"""Which of several answers of one worker to one task counts: whatever the order of rows is, the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from apps.aggregation.arrays import Ints

RULE = "of a worker's answers to a task the one given most often counts, of those given as often one by lot"


def one_of_each(key: Ints, label: Ints, names: Callable[[int], tuple[str, ...]]) -> Ints:
    """Return a row of each key, in the order of the rows: of its most frequent label, of several one by lot.

    The lot is in the names, so it is the same in any order of rows. The first label by name would be taken whenever
    workers contradict themselves, which tells for it without anybody having meant it.

    Args: names: of a row, all that tells its key and its label from others.

    >>> key, label = np.array([7, 7, 7, 4, 4]), np.array([0, 2, 2, 3, 1])
    >>> one_of_each(key, label, lambda row: (str(key[row]), str(label[row]))).tolist()
    [1, 3]
    """
    kept: Ints = np.unique(key, return_index=True)[1]
    if len(kept) < len(key):
        order = np.lexsort((label, key))
        new = np.append(True, (np.diff(key[order]) != 0) | (np.diff(label[order]) != 0))
        first = np.flatnonzero(new)  # of each label of a key
        often = np.diff(np.append(first, len(key)))
        some = order[first]  # rows of one key and label are in their own order here
        same = np.diff(key[some]) == 0
        lot = np.zeros(len(some), dtype=np.int64)
        for place in np.flatnonzero(np.append(False, same) | np.append(same, False)).tolist():
            lot[place] = zlib.crc32("\0".join(names(int(some[place]))).encode())
        best = np.lexsort((label[some], lot, -often, key[some]))
        kept = some[best[np.append(True, np.diff(key[some][best]) != 0)]]
    return np.sort(kept)
