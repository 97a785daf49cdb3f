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
    return _of(start, np.repeat(start[1:], np.diff(start)) - np.arange(start[-1]) - 1)


def sampled(start: Ints, most: int, seed: int = 0) -> tuple[Ints, Ints]:
    """Return the row numbers of both answers of pairs within tasks: all of a task, or about `most` drawn at random.

    No pair is drawn twice, and of a task every answer is in as many: a mean over such pairs errs least (Blom: Some
    properties of incomplete U-statistics. Biometrika 63, 1976).

    >>> [len(rows) for rows in sampled(np.array([0, 3, 203]), 1000)]
    [1003, 1003]
    """
    votes = np.diff(start)
    many = votes * (votes - 1) // 2 > most
    after = np.repeat(start[1:], votes) - np.arange(start[-1]) - 1
    first, second = _of(start, np.where(np.repeat(many, votes), 0, after))
    one, other, rng = [first], [second], np.random.default_rng(seed)
    for task in np.flatnonzero(many):
        size = int(votes[task])
        circle = start[task] + rng.permutation(size)
        for step in 1 + rng.choice((size - 1) // 2, size=max(1, most // size), replace=False):
            one.append(circle)
            other.append(np.roll(circle, step))
    return np.concatenate(one), np.concatenate(other)


def _of(start: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Return each row with the rows after it, so many of each."""
    first = np.repeat(np.arange(start[-1]), after)
    second = np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after) + first + 1
    return first, second


def _drawn(start: Ints, most: int) -> Ints:
    task = np.repeat(np.arange(len(start) - 1), np.diff(start))
    order = np.lexsort((np.random.default_rng(0).random(len(task)), task))
    return np.sort(order[np.arange(len(task)) - start[task] < most])
