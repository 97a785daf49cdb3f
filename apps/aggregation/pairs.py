"""Every two answers to the same task."""

from __future__ import annotations

import numpy as np

from .arrays import Ints


def within(start: Ints) -> tuple[Ints, Ints]:
    """Return the row numbers of both answers of every unordered pair within a task.

    Args:
        start: (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t.

    >>> [rows.tolist() for rows in within(np.array([0, 3, 4, 6]))]
    [[0, 0, 1, 4], [1, 2, 2, 5]]
    """
    after = np.repeat(start[1:], np.diff(start)) - np.arange(start[-1]) - 1  # later rows of the same task
    first = np.repeat(np.arange(start[-1]), after)
    second = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after) + first + 1
    return first, second
