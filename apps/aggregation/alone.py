"""How sure an answer is that no other stands beside: as right as answers were found to be where there was another.

    c = (n · r + Σ of how right answers to known tasks are + ½) / (n + how many these are + 1)
    r = h + (1 - h) · √max(0, (o - h) / (1 - h))

o is how like its task's other answers an answer is, in the mean of the n that have others beside them, and h how like
two would be by chance: 1/K among K labels, 0 where answers can't be listed. Of workers who see the truth λ of the time,
and else say anything, two answers are both the truth λ² of the time, so o = λ² + (1 - λ²) h, and an answer is as right
as r = λ + (1 - λ) h. For labels that is o = r² + (1 - r)² / (K - 1), and where h is 0, r = √o.

Bennett, Alpert, Goldstein: Communications through limited-response questioning. Public Opinion Quarterly 18, 1954
(agreement beyond that of chance, (o - h) / (1 - h)).

No answer is compared with a consensus that it is part of: of two that disagree, each would be half right. Errors that
workers share are taken for the truth, and tasks of unlike difficulty make r somewhat too high.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy

from .arrays import Flags, Floats, Ints
from .result import Result, of_labels
from .table import BLOCK, UNKNOWN, Table

COMPARED = 50  # answers of a task that all are compared with
LEAD = 1e-4  # of a lone answer before labels as likely, so that no rounding decides
SMALL = 1e-9  # no lone answer is less likely

Beside = Callable[[], Floats]  # each answer's mean likeness to the others of its task, nan where it is the only one


def expected(like: Floats, right: Floats, chance: float = 0.0) -> float:
    """Return c.

    Args:
        like: of each answer to a task whose truth is not known and that has others, its mean likeness to these.
        right: of each answer to a known task, how right it is.
        chance: h.

    >>> expected(np.array([1.0, 1.0]), np.array([0.5])), expected(np.array([0.0] * 98), np.array([]))
    (0.75, 0.005050505050505051)
    """
    beyond = max(0.0, (like.mean() - chance) / (1 - chance)) if len(like) and chance < 1 else 0.0
    rightness = chance + (1 - chance) * beyond**0.5
    return float((len(like) * rightness + right.sum() + 0.5) / (len(like) + len(right) + 1))


def where_alone(
    confidence: Floats, task: Ints, known: Flags, *, right: Floats, beside: Beside, chance: float = 0.0
) -> Floats:
    """Return confidence with c for each task of a single answer, unless it is known.

    Args:
        confidence, known: (n_tasks,).
        task: of each answer.
        right: how right each answer is if its task's combined answer is; asked of known tasks only.
        beside: asked only where an answer stands alone, as it costs a comparison of each with each.
    """
    votes = np.bincount(task, minlength=len(confidence))
    of_one: Flags = (votes == 1) & ~known
    if not of_one.any():
        return confidence
    return np.where(
        of_one, expected(beside()[(votes > 1)[task] & ~known[task]], right[known[task]], chance), confidence
    )


def likeness_beside(task: Ints, known: Flags, alike: Callable[[int, int], float]) -> Floats:
    """Return each answer's mean likeness to the others of its task; nan where there are none, or the task is known.

    Of very many others some stand for all. Args: alike: how like two answers are, by their rows, in either order.

    >>> likeness_beside(np.array([0, 1, 0, 0]), np.array([False, False]), lambda one, other: float(one + other == 2))
    array([0.5, nan, 0.5, 0. ])
    """
    mean = np.full(len(task), np.nan)
    order = np.argsort(task, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(task[order])) + 1):
        if len(rows) > 1 and not known[task[rows[0]]]:
            mean[rows] = mean_beside(rows.tolist(), alike)
    return mean


def mean_beside(rows: Sequence[int], alike: Callable[[int, int], float]) -> Floats:
    """Return how like the others each of one task's answers is in the mean, nan of only one. Args: as above."""
    some, stands = rows[:: -(-len(rows) // COMPARED)], np.zeros(len(rows), dtype=bool)
    stands[:: -(-len(rows) // COMPARED)] = True
    sums = dict.fromkeys(rows, 0.0)
    for one, is_one in zip(rows, stands, strict=True):
        for other in some:
            if other > one or (other < one and not is_one):  # of two that stand for all, once
                like = alike(one, other)
                sums[one] += like
                sums[other] += like if is_one else 0.0
    others = stands.sum() - stands
    return np.array(list(sums.values())) / np.where(others, others, np.nan)


def of_votes(table: Table, posterior: Floats, label: Ints, clamped: Ints) -> Floats | None:
    """Return how sure labels by shares of votes are: of several votes the share, of a lone one c, of a known label 1.

    None where the shares say it all.

    >>> table = Table([0, 0, 1], [0, 1, 0], [1, 1, 1], n_tasks=2, n_workers=2, n_labels=2)
    >>> of_votes(table, np.array([[0.0, 1.0]] * 2), np.array([1, 1]), np.array([-1, -1])).round(2).tolist()
    [1.0, 0.83]
    """
    if not (table.votes == 1).any():
        return None
    right = (label[table.task] == table.label).astype(np.float64)
    return where_alone(
        of_labels(posterior, label), table.task, clamped != UNKNOWN, right=right, chance=1 / table.n_labels,
        beside=lambda: agreement_beside(table.counts(), table.task, table.label),
    )  # fmt: skip


def agreement_beside(counts: Floats, task: Ints, label: Ints, scores: Floats | None = None) -> Floats:
    """Return the mean agreement of each vote with the others of its task; nan of the only one.

    Args:
        counts: (n_tasks, K), the votes.
        scores: (K, K), how right a label (column) is where another (row) is the truth; by default 1 for the same one.
    """
    like = [
        _likeness(counts, task[first : first + BLOCK], label[first : first + BLOCK], scores)
        for first in range(0, len(task), BLOCK)
    ]
    itself = 1.0 if scores is None else scores[label, label]
    others = np.asarray(counts.sum(axis=1)).ravel()[task] - 1  # counts of a wide table are sparse
    agreed: Floats = (np.concatenate(like or [np.empty(0)]) - itself) / np.where(others, others, np.nan)
    return agreed


def _likeness(counts: Any, task: Ints, label: Ints, scores: Floats | None) -> Floats:
    """Return the sum of how right each vote is by all of its task, itself among them."""
    if scores is None:
        return np.asarray(counts[task, label]).ravel().astype(np.float64)
    of_task = counts[task].toarray() if scipy.sparse.issparse(counts) else counts[task]
    sums: Floats = (of_task * scores[:, label].T).sum(axis=1)
    return sums


def shares(voted: Result) -> Floats:
    """Return a vote's posterior, of a lone answer c for its label and the rest of 1 for all others alike.

    It is held for no less than any other label: one known task answered wrong would turn answers round elsewhere.
    """
    if voted.sure is None:
        return voted.posterior
    told, others = voted.posterior.copy(), voted.posterior.shape[1] - 1
    share = np.take_along_axis(told, voted.label[:, None], axis=1)[:, 0]
    lone = np.flatnonzero((voted.confidence < share) & (others > 0))
    c = np.maximum(voted.confidence[lone], 1 / (others + 1))
    told[lone] = (1 - c[:, None]) / max(others, 1)
    told[lone, voted.label[lone]] = c
    return told


def held(posterior: Floats, task: Ints, label: Ints, clamped: Ints) -> Floats:
    """Return the posterior with no label more likely than a task's only answer; what others have beyond it is cut.

    Args: task, label: of each answer. clamped: (n_tasks,) the known labels, -1 where none is.

    Known tasks that were answered wrong teach a model that answers mean something else. Where nobody else was asked,
    no answer bears it out, and the label would be one that nobody gave.

    >>> posterior, unknown = np.array([[0.2, 0.8], [0.2, 0.8]]), np.array([-1, -1])
    >>> held(posterior, np.array([0, 1, 1]), np.array([0, 0, 1]), unknown).round(3).tolist()
    [[0.5, 0.5], [0.2, 0.8]]
    """
    votes = np.bincount(task, minlength=len(posterior))
    rows = np.flatnonzero((votes == 1)[task] & (clamped[task] == UNKNOWN))
    told = posterior
    for first in range(0, len(rows), BLOCK):  # working memory need not grow with the tasks
        at, given = task[rows[first : first + BLOCK]], label[rows[first : first + BLOCK]]
        turned = posterior[at, given] < posterior[at].max(axis=1)
        at, given = at[turned], given[turned]
        if not len(at):
            continue
        told = posterior.copy() if told is posterior else told
        own = np.maximum(posterior[at, given], SMALL)
        of_task = np.minimum(posterior[at], (own * (1 - LEAD))[:, None])
        of_task[np.arange(len(at)), given] = own
        told[at] = of_task / of_task.sum(axis=1, keepdims=True)
    return told
