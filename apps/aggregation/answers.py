"""Answers that are no labels (texts, spans, boxes, masks): who gave which to which task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from .arrays import Ints
from .table import BadTable, codes

A = TypeVar("A")


@dataclass(frozen=True, eq=False)
class Answers(Generic[A]):
    """Answers as parallel sequences, put in order of task, then worker, so that row order changes nothing.

    >>> answers = Answers([1, 0], [0, 0], ["b", "a"], n_tasks=2, n_workers=1)
    >>> answers.answer, answers.task.tolist()
    (('a', 'b'), [0, 1])
    """

    task: Ints
    worker: Ints
    answer: Sequence[A]
    n_tasks: int
    n_workers: int
    start: Ints = field(init=False)  # (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t

    def __post_init__(self) -> None:
        order, task, worker, start = in_order(self.task, self.worker, self.n_tasks, self.n_workers)
        if len(self.answer) != len(task):
            raise BadTable(f"task and answer must be equally long, not {len(task)} and {len(self.answer)}")
        object.__setattr__(self, "task", task)
        object.__setattr__(self, "worker", worker)
        object.__setattr__(self, "answer", tuple(self.answer[row] for row in order))
        object.__setattr__(self, "start", start)

    def by_task(self) -> Iterator[tuple[Ints, Sequence[A]]]:
        """Yield each task's workers and answers, in order of tasks."""
        for first, after in zip(self.start[:-1], self.start[1:], strict=True):
            yield self.worker[first:after], self.answer[first:after]


def in_order(task: Ints, worker: Ints, n_tasks: int, n_workers: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the order of rows by task, then worker; both columns in it; and where each task starts.

    Raises:
        BadTable: when a code is out of range or a worker answers one task twice.
    """
    task, worker = codes("task", task, n_tasks), codes("worker", worker, n_workers)
    if len(task) != len(worker):
        raise BadTable(f"task and worker must be equally long, not {len(task)} and {len(worker)}")
    order = np.lexsort((worker, task))
    task, worker = task[order], worker[order]
    repeated = np.flatnonzero((task[1:] == task[:-1]) & (worker[1:] == worker[:-1]))
    if len(repeated):
        row = repeated[0]
        raise BadTable(f"worker {worker[row]} answers task {task[row]} more than once; keep one answer")
    start = np.searchsorted(task, np.arange(n_tasks + 1))
    for array in (task, worker, start):
        array.flags.writeable = False
    return order, task, worker, start
