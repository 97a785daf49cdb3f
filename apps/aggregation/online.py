"""Asking no more than needed: which tasks still want an answer, and from whom none should be taken.

A task is settled when its posterior is at least `target`, after `least` answers; it is given up at `most` answers, or
when even unanimous further answers could not settle it. A random share of tasks is asked to the full all the same:
stopping early selects tasks on which answers agree, and scores or calibrations that saw only those would flatter.
Workers below half of the crowd's edge over chance are not asked again:

    edge[w] = (a[w] - 1/K) / (1 - 1/K),   a[w] = (right + PRIOR · crowd's accuracy) / (answers + PRIOR)

The posterior is that of Dawid-Skene with gold clamped, from any of `methods`, refitted as answers come in.

Sheng, Provost, Ipeirotis: Get another label? KDD 2008. Abraham et al.: How many workers to ask? SIGIR 2016.
Hotaling, Bagrow: Efficient crowdsourcing biases what is inferred from it (why the random share).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Flags, Floats, Ints
from .result import Result
from .table import Table

PRIOR = 4.0  # answers that the crowd's accuracy is worth in a worker's
EDGE = 0.5
HEARD = 10  # answers before which nobody is judged
FULL_SHARE = 0.02
CONTROL_SHARE = 0.03  # of paid answers to tasks of known label: more would cost more than the model learns from it


@dataclass(frozen=True)
class Policy:
    """Args:
    target: confidence from which a task is settled.
    least, most: answers a task gets at least and at most.
    full_share: share of tasks that get `most` answers whatever their confidence.
    """

    target: float = 0.98
    least: int = 1
    most: int = 10
    full_share: float = FULL_SHARE

    def __post_init__(self) -> None:
        if not 0 < self.target <= 1:
            raise ValueError(f"target must be above 0 and at most 1, not {self.target}")
        if not 1 <= self.least <= self.most:
            raise ValueError(f"least and most must be 1 <= least <= most, not {self.least} and {self.most}")
        if not 0 <= self.full_share <= 1:
            raise ValueError(f"full_share must be from 0 to 1, not {self.full_share}")


def wanted(result: Result, votes: Ints, full: Flags, policy: Policy) -> Ints:
    """Return how many more answers each task should be asked for now: shape (n_tasks,); see `ask`.

    Args:
        result: the latest fit; its tasks may have gained answers since.
    """
    accuracy = float(np.nanmean(result.skill)) if (~np.isnan(result.skill)).any() else 0.8
    return ask(result.confidence, votes, full, policy, accuracy=accuracy, labels=result.posterior.shape[1])


def ask(confidence: Floats, votes: Ints, full: Flags, policy: Policy, *, accuracy: float, labels: int) -> Ints:
    """Return how many more answers each task should be asked for now: shape (n_tasks,).

    One at a time beyond `least`, for the next answer may settle the task.

    Args:
        confidence: (n_tasks,) of each task's likeliest label.
        votes: (n_tasks,) answers each task has, those on their way counted in.
        full: (n_tasks,) whether the task is in the random share (see `draw_full`).
        accuracy, labels: an average worker's share of right answers, and among how many labels they choose.
    """
    votes = np.asarray(votes)
    more = np.maximum(policy.least - votes, 0)
    open_ = (votes >= policy.least) & (votes < policy.most) & (confidence < policy.target)
    open_ &= reachable(confidence, policy.most - votes, policy.target, accuracy=accuracy, labels=labels)
    more[open_] = 1
    asked: Ints = np.where(full, np.maximum(policy.most - votes, 0), more)
    return asked


def reachable(confidence: Floats, left: Ints, target: float, *, accuracy: float, labels: int) -> Flags:
    """Tell which tasks `left` more answers could settle, if all came from average workers who say the likeliest label.

    Each multiplies the odds of that label against any other by a / ((1 - a) / (K - 1)), where a is the accuracy.
    """
    accuracy = float(np.clip(accuracy, 1 / labels + 1e-6, 1 - 1e-6))
    gain = np.log(accuracy) - np.log((1 - accuracy) / max(labels - 1, 1))
    claimed = np.clip(confidence, 1e-12, 1 - 1e-12)
    odds = np.log(claimed) - np.log1p(-claimed)
    aim = np.log(target) - np.log1p(-min(target, 1 - 1e-12))
    settles: Flags = odds + np.maximum(left, 0) * gain >= aim
    return settles


def draw_full(n_tasks: int, share: float, seed: int) -> Flags:
    """Return which tasks are asked to the full, at random; a task's lot does not change as tasks are added.

    >>> bool((draw_full(100, 0.1, seed=7) == draw_full(500, 0.1, seed=7)[:100]).all())
    True
    """
    drawn: Flags = np.random.default_rng(seed).random(n_tasks) < share
    return drawn


def unwanted(table: Table, result: Result, gold: Ints | None = None) -> Flags:
    """Tell which workers should not be asked again: (n_workers,).

    Args:
        gold: (n_tasks,) known labels, -1 where unknown. Where a worker has answers to known tasks these alone judge
            them, for a whole crowd can share an error; else their expected agreement with the posterior does.
    """
    chance = 1 / table.n_labels
    known = np.full(table.n_tasks, -1) if gold is None else np.asarray(gold)
    on_gold = known[table.task] != -1
    right = np.where(on_gold, known[table.task] == table.label, result.posterior[table.task, table.label])
    accuracy, heard = _accuracy(table, right, on_gold)
    edge = (accuracy - chance) / (1 - chance)
    crowd = (float(right.mean()) - chance) / (1 - chance) if len(right) else 0.0
    below: Flags = (heard >= HEARD) & (edge < EDGE * max(crowd, 0.0))
    return below


def _accuracy(table: Table, right: Floats, on_gold: Flags) -> tuple[Floats, Floats]:
    """Return each worker's shrunk accuracy and the answers it rests on."""

    def by_worker(values: Floats) -> Floats:
        return np.bincount(table.worker, values, minlength=table.n_workers).astype(np.float64)

    golden = by_worker(on_gold.astype(np.float64))
    enough = golden >= HEARD
    heard = np.where(enough, golden, by_worker(np.ones(len(right))))
    hits = np.where(enough, by_worker(right * on_gold), by_worker(right.astype(np.float64)))
    crowd = float(right.mean()) if len(right) else 1 / table.n_labels
    return (hits + PRIOR * crowd) / (heard + PRIOR), heard
