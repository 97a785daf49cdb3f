"""Asking no more than needed: which tasks still want an answer, and from whom none should be taken.

A task is settled when its posterior is at least `target`, after `least` answers; it is given up at `most` answers, or
when the answers left, all of them alike, could neither settle it nor change its label. So a target of 1 asks as long
as the label may change, and comes to what `most` answers say. A random share of tasks is asked to the full all the
same: stopping early selects tasks on which answers agree, and deep answers would else be of hard tasks alone.
Workers below half of the crowd's edge over chance are not asked again:

    edge[w] = (a[w] - 1/K) / (1 - 1/K),   a[w] = (right + PRIOR · crowd's accuracy) / (answers + PRIOR)

The posterior is that of Dawid-Skene with gold clamped, from any of `methods`, refitted as answers come in.

Sheng, Provost, Ipeirotis: Get another label? KDD 2008. Abraham et al.: How many workers to ask? SIGIR 2016.
Hotaling, Bagrow: Accurate inference of crowdsourcing properties when using efficient allocation strategies. Scientific
Reports 12, 2022 (why the random share).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from . import majority
from .arrays import Flags, Floats, Ints
from .result import Result
from .table import UNKNOWN, Table

PRIOR = 4.0  # answers that the crowd's accuracy is worth in a worker's
EDGE = 0.5
HEARD = 10  # answers before which nobody is judged; so many to known tasks judge alone
FULL_SHARE = 0.02
PROVEN = 5  # known answers from which on they speak for a worker: against being stopped, and for more pay
SHARE_ERRORS = 0.1  # of crowds, before anything is known of one
CERTAIN = 0.99  # claims above it are not believed to the letter: one miss would refute them
ERRS = 0.05  # how unlikely a crowd's mistakes on known tasks have to be before it is said to share an error
CLAIMED_TOO_MUCH = 0.1  # by which methods may be off: mistakes as many as that prove nothing
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
    open_ &= helpful(confidence, policy.most - votes, policy.target, accuracy=accuracy, labels=labels)
    more[open_] = 1
    asked: Ints = np.where(full, np.maximum(policy.most - votes, 0), more)
    return asked


def helpful(confidence: Floats, left: Ints, target: float, *, accuracy: float, labels: int) -> Flags:
    """Tell which tasks `left` more answers could settle or decide otherwise, if average workers all said the same.

    Each multiplies the odds of what it says against any other label by a / ((1 - a) / (K - 1)), a being the accuracy.
    """
    accuracy = float(np.clip(accuracy, 1 / labels + 1e-6, 1 - 1e-6))
    gain = np.log(accuracy) - np.log((1 - accuracy) / max(labels - 1, 1))
    claimed = np.clip(confidence, 1e-12, 1 - 1e-12)
    odds = np.log(claimed) - np.log1p(-claimed)
    aim = np.log(target) - np.log1p(-target) if target < 1 else np.inf
    most = np.maximum(left, 0) * gain
    helps: Flags = (odds + most >= aim) | (most > odds)
    return helps


def draw_full(n_tasks: int, share: float, seed: int) -> Flags:
    """Return which tasks are asked to the full, at random; a task's lot does not change as tasks are added.

    >>> bool((draw_full(100, 0.1, seed=7) == draw_full(500, 0.1, seed=7)[:100]).all())
    True
    """
    drawn: Flags = np.random.default_rng(seed).random(n_tasks) < share
    return drawn


def unwanted(table: Table, result: Result, gold: Ints | None = None) -> Flags:
    """Tell which workers should not be asked again: (n_workers,); see `below`.

    Args:
        gold: (n_tasks,) known labels, -1 where unknown.
    """
    if table.n_labels < 2 or not len(table):
        return np.zeros(table.n_workers, dtype=bool)
    known = np.full(table.n_tasks, UNKNOWN) if gold is None else np.asarray(gold)
    on_gold = known[table.task] != UNKNOWN
    right = np.where(on_gold, known[table.task] == table.label, result.posterior[table.task, table.label])
    crowd = float(right.mean())

    def by_worker(values: Floats | Flags) -> Floats:
        return np.bincount(table.worker, values, minlength=table.n_workers).astype(np.float64)

    heard, golden, gold_right = by_worker(np.ones(len(right))), by_worker(on_gold), by_worker(right * on_gold)
    alone = golden >= HEARD
    accuracy = shrunk(np.where(alone, gold_right, by_worker(right)), np.where(alone, golden, heard), crowd)
    hits, golds, claimed = _on_known(table, result, known)
    believed = shares_an_error(hits, golds, claimed=claimed, chance=1 / table.n_labels) is False
    return below(accuracy, heard, golden, gold_right, crowd=crowd, chance=1 / table.n_labels, believed=believed)


def shrunk(right: Floats, answers: Floats, crowd: float) -> Floats:
    """Return each worker's share of right answers as if PRIOR of them had been the crowd's."""
    return (right + PRIOR * crowd) / (answers + PRIOR)


def below(
    accuracy: Floats,
    heard: Floats,
    golden: Floats,
    gold_right: Floats,
    *,
    crowd: float,
    chance: float,
    believed: bool,
) -> Flags:
    """Tell which workers are below half of the crowd's edge over chance, as estimated: (n_workers,).

    What others said speaks against nobody for whom known answers speak, and where the crowd itself is not believed,
    known answers alone judge. A worker of whom little is known is never below.

    Args:
        accuracy: (n_workers,) each one's estimated share of right answers.
        heard, golden, gold_right: (n_workers,) answers it rests on, those to known tasks among them, and how many of
            these were right.
        crowd, chance: the same share of an average worker, and of one who guesses.
        believed: whether known answers bear out what most of the crowd say.
    """
    least = chance + EDGE * max(crowd - chance, 0.0)
    spoken_for = (golden >= PROVEN) & (gold_right >= least * golden)
    judged = (golden >= HEARD) | (believed & (heard >= HEARD) & ~spoken_for)
    found: Flags = judged & (accuracy < least)
    return found


def shares_an_error(hits: int, golds: int, *, claimed: float, chance: float) -> bool | None:
    """Tell whether what most say is wrong on known tasks more often than chance makes it; None where too few tell.

    True by a one-sided binomial test at ERRS against `claimed` less CLAIMED_TOO_MUCH, for methods may be off by as
    much. False, which is to believe the crowd, where a crowd that is right as often as claimed is 19 times as likely,
    given the hits, as one half-way from that to chance; of crowds as such, SHARE_ERRORS are taken to be of the second
    kind (Bayes' rule).

    Args:
        hits, golds: on how many known tasks most were right, of how many.
        claimed: the mean probability, on other tasks, that what most say there is right.
        chance: the same of a guess.

    >>> [shares_an_error(hits, 12, claimed=0.95, chance=0.5) for hits in (6, 10, 12)]
    [True, None, False]
    """
    if not golds or np.isnan(claimed):
        return None
    if scipy.stats.binom.cdf(hits, golds, max(0.0, claimed - CLAIMED_TOO_MUCH)) < ERRS:
        return True
    honest, deceived = scipy.stats.binom.pmf(hits, golds, [min(claimed, CERTAIN), (claimed + chance) / 2])
    return False if honest * (1 - SHARE_ERRORS) * ERRS > deceived * SHARE_ERRORS * (1 - ERRS) else None


def _on_known(table: Table, result: Result, known: Ints) -> tuple[int, int, float]:
    """Return on how many known tasks most were right, of how many, and how likely they are right on the others."""
    said = majority.fit(table).label
    several = table.votes >= 2
    golds, others = several & (known != UNKNOWN), np.flatnonzero(several & (known == UNKNOWN))
    claimed = float(result.posterior[others, said[others]].mean()) if len(others) else np.nan
    return int((said == known)[golds].sum()), int(golds.sum()), claimed
