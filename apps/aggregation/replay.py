"""A real crowd's answers bought again, one by one, as a redundancy policy would have: what it saves, and what it costs.

Each task's answers come in a random order. A round fits the model to what was bought, asks the policy, and buys the
next answers. Of a worker who is no longer wanted none is bought from then on, as a live crowd has it. Control questions
are asked as there: of every worker's answers a share g is to tasks of known label, in an order of the worker's own. The
model learns from those answers and no others, and each of them is on the bill.

Answers come from those who gave them, drawn at random: a live crowd has speed, drift and choice of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import dawid_skene, online
from .arrays import Flags, Floats, Ints
from .methods import Fit
from .online import Policy
from .result import Result
from .table import UNKNOWN, Table


@dataclass(frozen=True, eq=False)
class Outcome:
    """Args:
    result: the last fit.
    bought: answers paid for on tasks that are not gold.
    control: answers paid for on gold tasks; with `bought` they are all that the model saw.
    judged: (n_tasks,) tasks that are not gold and on which accuracy may be measured.
    """

    result: Result
    bought: int
    control: int
    judged: Flags

    @property
    def bill(self) -> int:
        """All answers paid for."""
        return self.bought + self.control


def fixed(table: Table, votes: int, *, method: Fit, seed: int = 0) -> Outcome:
    """Buy the same number of answers for each task, or all there are."""
    bought = random_places(table, np.random.default_rng(seed)) < votes
    result = method(rows_of(table, bought))
    return Outcome(result, int(bought.sum()), 0, np.full(table.n_tasks, True))


def adaptive(
    table: Table,
    policy: Policy,
    *,
    truth: Ints | None = None,
    gold_share: float = 0.0,
    method: Fit = dawid_skene.fit,
    seed: int = 0,
) -> Outcome:
    """Buy answers as the policy asks for them.

    Args:
        truth: (n_tasks,) gold labels, -1 where there are none; a random `gold_share` of these become control questions.
        gold_share: share of the paid answers that are to control questions, as far as workers gave such.
    """
    known = _draw_gold(table, truth, gold_share, seed)
    gold = known != UNKNOWN
    control = _Control(table, gold, gold_share, seed)
    rank = random_places(table, np.random.default_rng(seed))
    full = online.draw_full(table.n_tasks, policy.full_share, seed)
    ordinary = ~gold[table.task]
    bought = ordinary & (rank < policy.least)
    blocked = np.zeros(table.n_workers, dtype=bool)
    while True:
        seen = bought | control.of(bought)
        so_far = rows_of(table, seen)
        result = method(so_far, known)
        wanted = np.where(gold, 0, online.wanted(result, so_far.votes, full, policy))
        blocked |= online.unwanted(so_far, result, known)
        more = ordinary & _next(table, bought | blocked[table.worker], rank, wanted)
        if not more.any():
            return Outcome(result, int(bought.sum()), int((seen & ~bought).sum()), ~gold)
        bought |= more


def _draw_gold(table: Table, truth: Ints | None, share: float, seed: int) -> Ints:
    """Return the labels that are known from the start, -1 for all others: shape (n_tasks,)."""
    known = np.full(table.n_tasks, UNKNOWN, dtype=np.int32)
    if truth is not None and share:
        labelled = np.flatnonzero(np.asarray(truth) >= 0)
        given = np.random.default_rng(seed).choice(labelled, size=round(share * len(labelled)), replace=False)
        known[given] = np.asarray(truth)[given]
    return known


class _Control:
    """Answers to control questions, asked of every worker in proportion to their other answers."""

    def __init__(self, table: Table, gold: Flags, share: float, seed: int) -> None:
        self.worker, self.workers = table.worker, table.n_workers
        self.gold = gold[table.task]
        self.per_answer = share / (1 - share)
        rng = np.random.default_rng((seed, 1))
        # A fraction of an answer is left to chance, once for each worker: who gives few answers is asked too.
        self.chance = rng.random(table.n_workers)
        order = np.lexsort((rng.random(len(table)), ~self.gold, self.worker))
        first = np.searchsorted(self.worker[order], np.arange(table.n_workers))
        self.place = np.empty(len(table), dtype=np.int64)
        self.place[order] = np.arange(len(table)) - first[self.worker[order]]

    def of(self, bought: Flags) -> Flags:
        """Return the rows of control questions that go with these answers."""
        given = np.bincount(self.worker[bought], minlength=self.workers)
        asked = np.floor(given * self.per_answer + self.chance) if self.per_answer else np.zeros(self.workers)
        rows: Flags = self.gold & (self.place < asked[self.worker])
        return rows


def random_places(table: Table, rng: np.random.Generator) -> Ints:
    """Return each row's place in the random order of its task's answers."""
    return _places(table, (rng.random(len(table)),))


def _next(table: Table, gone: Flags, rank: Ints, wanted: Ints) -> Flags:
    """Return the first `wanted` answers of each task among those that are not gone: bought, or not to be had."""
    more: Flags = ~gone & (_places(table, (rank, gone)) < wanted[table.task])
    return more


def _places(table: Table, by: tuple[Ints | Floats | Flags, ...]) -> Ints:
    """Return each row's place among its task's answers, in the order of `by`, the last first."""
    order = np.lexsort((*by, table.task))
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table)) - table.start[table.task[order]]
    return place


def rows_of(table: Table, rows: Flags) -> Table:
    columns = (table.task[rows], table.worker[rows], table.label[rows])
    return Table(*columns, table.n_tasks, table.n_workers, table.n_labels)
