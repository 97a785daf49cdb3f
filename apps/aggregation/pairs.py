"""Every two answers to the same task."""

from __future__ import annotations

import numpy as np

from .arrays import Ints


def within(start: Ints, most: int | None = None) -> tuple[Ints, Ints]:
    """Return the row numbers of both answers of every unordered pair within a task.

    Args:
        start: (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t.
        most: of a task with more answers, so many drawn at random; a whole crowd that answers one has its square.

    >>> [rows.tolist() for rows in within(np.array([0, 3, 4, 6]))]
    [[0, 0, 1, 4], [1, 2, 2, 5]]
    """
    if most is not None and np.diff(start).max(initial=0) > most:
        rows = _drawn(start, most)
        first, second = within(np.append(0, np.minimum(np.diff(start), most).cumsum()))
        return rows[first], rows[second]
    after = np.repeat(start[1:], np.diff(start)) - np.arange(start[-1]) - 1  # later rows of the same task
    first = np.repeat(np.arange(start[-1]), after)
    second = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after) + first + 1
    return first, second


def _drawn(start: Ints, most: int) -> Ints:
    task = np.repeat(np.arange(len(start) - 1), np.diff(start))
    order = np.lexsort((np.random.default_rng(0).random(len(task)), task))
    return np.sort(order[np.arange(len(task)) - start[task] < most])
