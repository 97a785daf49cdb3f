"""Who gave which label to which task: the one input of every categorical algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from .arrays import Code, Floats, Ints

Known = Mapping[int, int] | Ints  # task -> label, or one code a task with -1 for "not known"

UNKNOWN = -1
BLOCK = 1 << 16  # tasks handled at a time
DENSE = 100_000_000  # cells of tasks by labels held as such; more, where few are filled, are held as a sparse matrix
FILLED = 8  # cells an answer, from which on few are filled


class BadTable(ValueError):
    """The judgments are not one label of one worker on one task each."""


@dataclass(frozen=True, eq=False)
class Table:
    """Judgments as three parallel arrays of codes that count from 0.

    The rows are put in order of task, then worker, so no result depends on the order in which answers came in.

    Raises:
        BadTable: when lengths differ, a code is out of range, or a worker answers one task twice.

    >>> table = Table(task=[1, 0, 0], worker=[0, 1, 0], label=[1, 0, 1], n_tasks=2, n_workers=2, n_labels=2)
    >>> table.task.tolist(), table.worker.tolist(), table.label.tolist()
    ([0, 0, 1], [0, 1, 0], [1, 0, 1])
    """

    task: Ints
    worker: Ints
    label: Ints
    n_tasks: int
    n_workers: int
    n_labels: int
    start: Ints = field(init=False)  # (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t

    def __post_init__(self) -> None:
        task = codes("task", self.task, self.n_tasks)
        worker = codes("worker", self.worker, self.n_workers)
        label = codes("label", self.label, self.n_labels)
        if not len(task) == len(worker) == len(label):
            raise BadTable(
                f"task, worker and label must be equally long, not {len(task)}, {len(worker)} and {len(label)}"
            )
        # SciPy's conversion is a counting sort, several times faster than sorting a million keys.
        rows = scipy.sparse.coo_matrix((label, (task, worker)), shape=(self.n_tasks, self.n_workers)).tocsr()
        if rows.nnz < len(task):
            raise BadTable(_first_repeat(task, worker, self.n_workers))
        rows.sort_indices()
        task = np.repeat(np.arange(self.n_tasks, dtype=Code), np.diff(rows.indptr))
        for name, array in (("task", task), ("worker", rows.indices), ("label", rows.data), ("start", rows.indptr)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.label)

    @cached_property
    def votes(self) -> Ints:
        """How many workers answered each task, shape (n_tasks,)."""
        return np.diff(self.start)

    @property
    def is_wide(self) -> bool:
        """Whether tasks by labels are so many cells that counts are held as a sparse matrix."""
        return are_wide(self.n_tasks, self.n_labels, len(self))

    def refuse_wide(self) -> None:
        """Raise BadTable where tasks by labels are too many to hold a probability of each."""
        if self.is_wide:
            size = f"{self.n_labels:,} labels of {self.n_tasks:,} tasks"
            raise BadTable(
                f"{size} are too many to weigh each of them; majority and weighted only weigh what was given"
            )

    def counts(self, weight: Floats | None = None) -> Floats:
        """Return votes, or sums of the workers' weights, by task and label: shape (n_tasks, n_labels).

        Of a table that is wide they are a CSR matrix of SciPy's, its columns sorted.
        """
        if self.is_wide:
            given = np.ones(len(self)) if weight is None else weight[self.worker]
            shape = (self.n_tasks, self.n_labels)
            wide: Any = scipy.sparse.csr_matrix((given, self.label, self.start), shape=shape, copy=True)
            wide.sum_duplicates()
            sparse: Floats = wide
            return sparse
        sums = np.empty((self.n_tasks, self.n_labels))
        for tasks, rows in self.blocks():
            cell = (self.task[rows].astype(np.int64) - tasks.start) * self.n_labels + self.label[rows]
            weights = None if weight is None else weight[self.worker[rows]]
            here = sums[tasks]
            here[:] = np.bincount(cell, weights, minlength=here.size).reshape(here.shape)
        return sums

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """Yield slices of the tasks, each with that of its rows: working memory need not grow with the table."""
        for first in range(0, self.n_tasks, BLOCK):
            tasks = slice(first, min(first + BLOCK, self.n_tasks))
            yield tasks, slice(int(self.start[tasks.start]), int(self.start[tasks.stop]))

    def clamp(self, known: Known | None) -> Ints:
        """Return the known label of each task, -1 where none is known: shape (n_tasks,).

        Raises:
            BadTable: when there is no label that a task could have; to count such a table's answers is no mistake.
        """
        if self.n_labels < 1:
            raise BadTable("there must be a label that a task can have")
        if known is None:
            return np.full(self.n_tasks, UNKNOWN, dtype=Code)
        if isinstance(known, Mapping):
            clamped = np.full(self.n_tasks, UNKNOWN, dtype=Code)
            at = codes("known task", list(known.keys()), self.n_tasks)
            clamped[at] = codes("known label", list(known.values()), self.n_labels)
            return clamped
        given = np.asarray(known)
        if given.shape != (self.n_tasks,):
            raise BadTable(f"known labels must be one for each of {self.n_tasks} tasks, not of shape {given.shape}")
        # One more than 127 is none of int8's numbers; what is not whole is left as it is, for `codes` to refuse.
        whole = given.astype(np.int64, copy=False) if given.dtype.kind in "iu" else given
        return codes("known label", whole + 1, self.n_labels + 1) - 1


def are_wide(tasks: int, labels: int, answers: int) -> bool:
    """Tell what `Table.is_wide` does, before there is a table."""
    return tasks * labels > max(DENSE, FILLED * answers)


def codes(name: str, values: Any, limit: int) -> Ints:
    """Return the values as int32 codes, having checked that each is in [0, limit)."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadTable(f"{name} must be a flat array, not of shape {array.shape}")
    if len(array) == 0:
        return np.zeros(0, dtype=Code)
    if array.dtype.kind not in "iu":
        raise BadTable(f"{name} must be whole numbers, not {array.dtype}")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= limit:
        raise BadTable(f"{name} codes must be from 0 to {limit - 1}, not {low if low < 0 else high}")
    return array.astype(Code, copy=False)


def _first_repeat(task: Ints, worker: Ints, n_workers: int) -> str:
    cell = np.sort(task.astype(np.int64) * n_workers + worker)
    t, w = divmod(int(cell[1:][cell[1:] == cell[:-1]][0]), n_workers)
    return f"worker {w} answers task {t} more than once; keep one answer"
