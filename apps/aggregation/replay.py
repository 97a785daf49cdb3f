"""A real crowd's answers bought again, one by one, as a redundancy policy would have: what it saves, and what it costs.

Each task's answers come in a random order. A round fits the model to what was bought, asks the policy, and buys the
next answers, those of workers who are no longer wanted last of all. Gold tasks are known from the start and all their
answers are there, as control questions are asked on the side; `bill` adds what they cost: every worker answers them
among their other tasks, so a share g of gold multiplies the bill by 1 / (1 - g).

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
    bill: bought answers with the gold's share on top.
    judged: (n_tasks,) tasks that are not gold and on which accuracy may be measured.
    """

    result: Result
    bought: int
    bill: float
    judged: Flags


def fixed(table: Table, votes: int, *, method: Fit, seed: int = 0) -> Outcome:
    """Buy the same number of answers for each task, or all there are."""
    bought = _order(table, seed) < votes
    result = method(_of(table, bought))
    return Outcome(result, int(bought.sum()), float(bought.sum()), np.full(table.n_tasks, True))


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
        truth: (n_tasks,) gold labels, -1 where there are none; a random `gold_share` of these is given to the model.
    """
    rng = np.random.default_rng(seed)
    known = np.full(table.n_tasks, UNKNOWN, dtype=np.int32)
    if truth is not None and gold_share:
        labelled = np.flatnonzero(np.asarray(truth) >= 0)
        given = rng.choice(labelled, size=round(gold_share * len(labelled)), replace=False)
        known[given] = np.asarray(truth)[given]
    gold = known != UNKNOWN
    rank = _order(table, seed).astype(np.float64)
    full = online.draw_full(table.n_tasks, policy.full_share, seed)
    bought = (rank < policy.least) | gold[table.task]
    while True:
        so_far = _of(table, bought)
        result = method(so_far, known)
        votes = so_far.votes
        wanted = np.where(gold, 0, online.wanted(result, votes, full, policy))
        blocked = online.unwanted(so_far, result, known)
        more = _next(table, bought, rank + 1e6 * blocked[table.worker], wanted)
        if not more.any():
            break
        bought |= more
    paid = int((bought & ~gold[table.task]).sum())
    return Outcome(result, paid, paid / (1 - gold_share), ~gold)


def _order(table: Table, seed: int) -> Ints:
    """Return each row's place in the random order of its task's answers."""
    lot = np.random.default_rng(seed).random(len(table))
    order = np.lexsort((lot, table.task))
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table)) - table.start[table.task[order]]
    return place


def _next(table: Table, bought: Flags, rank: Floats, wanted: Ints) -> Flags:
    """Return the first `wanted` answers of each task that are not bought yet."""
    order = np.lexsort((rank, bought, table.task))
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table)) - table.start[table.task[order]]
    more: Flags = ~bought & (place < wanted[table.task])
    return more


def _of(table: Table, rows: Flags) -> Table:
    columns = (table.task[rows], table.worker[rows], table.label[rows])
    return Table(*columns, table.n_tasks, table.n_workers, table.n_labels)
