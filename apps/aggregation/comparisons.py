"""Which of two items a worker prefers: the input of rankings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Flags, Floats, Ints
from .table import BadTable, codes

LEFT, RIGHT, DRAWN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Comparisons as parallel arrays of codes, put in one order, so that row order changes nothing.

    Args:
        left, right: the items shown, different in each row.
        left_won: whether the worker preferred the left one.
        drawn: whether the worker preferred neither; then left_won says nothing. None: nobody did.
    """

    worker: Ints
    left: Ints
    right: Ints
    left_won: Ints
    n_items: int
    n_workers: int
    drawn: Flags | None = None
    said: Ints = field(init=False)  # LEFT, RIGHT or DRAWN
    winner: Ints = field(init=False)  # of a draw the left one
    loser: Ints = field(init=False)

    def __post_init__(self) -> None:
        worker = codes("worker", self.worker, self.n_workers)
        left, right = codes("left item", self.left, self.n_items), codes("right item", self.right, self.n_items)
        left_won = np.asarray(self.left_won).astype(bool)
        drawn = np.zeros(len(left_won), dtype=bool) if self.drawn is None else np.asarray(self.drawn).astype(bool)
        if not len(worker) == len(left) == len(right) == len(left_won) == len(drawn):
            raise BadTable("worker, left, right, left_won and drawn must be equally long")
        if (left == right).any():
            raise BadTable(f"item {left[left == right][0]} is compared with itself")
        said: Ints = np.where(drawn, DRAWN, np.where(left_won, LEFT, RIGHT)).astype(np.int32)
        order = np.lexsort((said, right, left, worker))
        worker, left, right, said = worker[order], left[order], right[order], said[order]
        winner, loser = np.where(said == RIGHT, right, left), np.where(said == RIGHT, left, right)
        found = {"worker": worker, "left": left, "right": right, "said": said, "winner": winner, "loser": loser}
        found |= {"left_won": said == LEFT, "drawn": said == DRAWN}
        for name, array in found.items():
            object.__setattr__(self, name, array)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Args:
    score: (n_items,) log strength, mean 0; a difference of 1 means odds of e : 1 to be preferred.
    order: (n_items,) items from best to worst, the lowest code first where scores are equal.
    skill: (n_workers,) share of comparisons that express a preference and not a habit; nan where not estimated.
    objective: what the algorithm increases, one value an iteration.
    ties: how readily a draw is said, Davidson's ν; 0 where nobody said one.
    """

    score: Floats
    order: Ints
    skill: Floats
    objective: tuple[float, ...]
    ties: float = 0.0


def rank(strength: Floats, skill: Floats, objective: list[float], ties: float = 0.0) -> Ranking:
    """Return the ranking by strength."""
    score = np.log(strength)
    score = score - score.mean() if len(score) else score
    return Ranking(score, np.argsort(-score.round(9), kind="stable"), skill, tuple(objective), ties)
