"""What goes into a consensus and what comes out, for answers of any kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Votes:
    """A campaign's answers: answer `answers[i]` was given by worker `workers[i]` to task `tasks[i]`.

    Tasks count from 0 to n_tasks - 1, workers likewise; a worker answers a task at most once.
    `known` holds the accepted answers of gold tasks. A task with exactly one accepted answer is clamped to it; a task
    with several is left to the votes, as nothing says which of them is the truth.
    """

    tasks: NDArray[np.int64]
    workers: NDArray[np.int64]
    answers: Sequence[Any]
    n_tasks: int
    n_workers: int
    known: Mapping[int, Sequence[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.tasks) == len(self.workers) == len(self.answers):
            raise ValueError(
                f"votes name {len(self.tasks)} tasks, {len(self.workers)} workers and {len(self.answers)} answers; "
                "there should be as many of each"
            )

    def per_task(self) -> NDArray[np.int64]:
        """Return how many votes each task has, shape (n_tasks,)."""
        return np.bincount(np.asarray(self.tasks, dtype=np.int64), minlength=self.n_tasks)

    def per_worker(self) -> NDArray[np.int64]:
        """Return how many votes each worker gave, shape (n_workers,)."""
        return np.bincount(np.asarray(self.workers, dtype=np.int64), minlength=self.n_workers)

    def clamped(self) -> dict[int, Any]:
        """Return the one accepted answer of every gold task that has exactly one."""
        return {task: accepted[0] for task, accepted in self.known.items() if len(accepted) == 1}


@dataclass(frozen=True)
class Combined:
    """One task's consensus; `answer` is None, with confidence 0, when there is nothing to combine.

    `confidence` in [0, 1] is the score that this answer is expected to have, by the kind's own rule, as far as the
    votes tell. For kinds whose answers are right or wrong, also within a tolerance, that is the probability of being
    right.
    """

    answer: Any | None
    confidence: float
    votes: int


@dataclass(frozen=True)
class Aggregate:
    """The consensus of every task, each worker's expected accuracy (nan where unknown), and the method really used."""

    consensus: Sequence[Combined]
    skill: NDArray[np.float64]
    method: str
