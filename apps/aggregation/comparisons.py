"""Which of two items a worker prefers: the input of rankings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Floats, Ints
from .table import BadTable, codes


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Comparisons as parallel arrays of codes, put in one order, so that row order changes nothing.

    Args:
        left, right: the items shown, different in each row.
        left_won: whether the worker preferred the left one.
    """

    worker: Ints
    left: Ints
    right: Ints
    left_won: Ints
    n_items: int
    n_workers: int
    winner: Ints = field(init=False)
    loser: Ints = field(init=False)

    def __post_init__(self) -> None:
        worker = codes("worker", self.worker, self.n_workers)
        left, right = codes("left item", self.left, self.n_items), codes("right item", self.right, self.n_items)
        left_won: Ints = np.asarray(self.left_won).astype(np.int32)
        if not len(worker) == len(left) == len(right) == len(left_won):
            raise BadTable("worker, left, right and left_won must be equally long")
        if (left == right).any():
            raise BadTable(f"item {left[left == right][0]} is compared with itself")
        order = np.lexsort((left_won, right, left, worker))
        worker, left, right, left_won = worker[order], left[order], right[order], left_won[order]
        winner, loser = np.where(left_won, left, right), np.where(left_won, right, left)
        found = {"worker": worker, "left": left, "right": right, "left_won": left_won, "winner": winner, "loser": loser}
        for name, array in found.items():
            object.__setattr__(self, name, array)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Args:
    score: (n_items,) log strength, mean 0; a difference of 1 means odds of e : 1 to be preferred.
    order: (n_items,) items from best to worst, the lowest code first where scores are equal.
    skill: (n_workers,) share of comparisons that express a preference and not a habit; nan where not estimated.
    objective: what the algorithm increases, one value an iteration.
    """

    score: Floats
    order: Ints
    skill: Floats
    objective: tuple[float, ...]


def rank(strength: Floats, skill: Floats, objective: list[float]) -> Ranking:
    """Return the ranking by strength."""
    score = np.log(strength)
    score = score - score.mean() if len(score) else score
    return Ranking(score, np.argsort(-score.round(9), kind="stable"), skill, tuple(objective))
