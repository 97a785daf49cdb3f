"""Marked regions (boxes in a picture, intervals on a time line): group, vote, take the median.

    a[i, j] = IoU of regions i and j           groups: at most one region a worker (`clusters`), joined where a ≥ JOIN
    share[g] = Σ of w[u] over who marked g  /  Σ of w[u] over who answered            g counts where share ≥ VOTES
    corner[g] = weighted median of its regions' corners           type[g] = argmax over types of Σ of w[u]
    w[u] = (Σ over u's answers of F1 + F1 of the crowd) / (answers of u + 1)              1 for all in the first round

w[u] is worker u's weight, F1 that of an answer's regions against the outcome, paired one to one to the greatest overlap
where IoU ≥ SAME, and the crowd's is the mean over all answers: so each worker is shrunk to it by one task. A group is
as sure as the share of the weight that gave it its type.

Everingham et al.: The PASCAL visual object classes (VOC) challenge. IJCV 88, 2010 (IoU, and from where a box counts as
found). Kuhn: The Hungarian method for the assignment problem. Naval Research Logistics Quarterly 2, 1955 (the pairing).
Weights are those of the weighted vote (`weighted`), with F1 for being right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from .alone import expected, likeness_beside
from .answers import Answers
from .arrays import Floats, Ints
from .clusters import one_each, weighted_median
from .em import Progress
from .nearby import FEW, overlapping
from .steps import Steps

JOIN = 0.3  # two regions of the same thing overlap more, of neighbours less
VOTES = 0.5
ROUNDS = 2
SAME = 0.5  # IoU from which a region counts as found


class Region(NamedTuple):
    """Corners, all lower ones before all upper ones, and a type ('' where there is one only)."""

    corners: tuple[float, ...]
    type: str = ""


@dataclass(frozen=True, eq=False)
class Regions:
    """Args:
    regions: one tuple a task, in order of their corners.
    confidence: for each of them the share of the weight that marked it as of this type; of one answer see `alone`.
    skill: (n_workers,) mean F1 against the outcome; nan without answers.
    alone: how sure an answer is that is its task's only one.
    """

    regions: tuple[tuple[Region, ...], ...]
    confidence: tuple[tuple[float, ...], ...]
    skill: Floats
    alone: float


def fit(
    answers: Answers[Sequence[Region]],
    known: Mapping[int, Sequence[Region]] | None = None,
    *,
    join: float = JOIN,
    votes: float = VOTES,
    progress: Progress | None = None,
) -> Regions:
    """Return the consensus regions; those in `known` as given, which also tell who is reliable."""
    weight = np.ones(answers.n_workers)
    steps = Steps(progress, ROUNDS * (answers.n_tasks + len(answers.task)))
    for _ in range(ROUNDS):
        tasks = steps.over(answers.by_task())
        found = [_combine(worker, given, weight, join, votes) for worker, given in tasks]
        for task, truth in (known or {}).items():
            found[task] = (tuple(truth), (1.0,) * len(truth))
        score = _scores(answers, [regions for regions, _ in found], steps)
        number = np.bincount(answers.worker, minlength=answers.n_workers)
        sums = np.bincount(answers.worker, score, minlength=answers.n_workers)
        weight = (sums + (score.mean() if len(score) else 1.0)) / (number + 1) + 1e-9
    skill = sums / np.where(number, number, np.nan)
    is_known = np.isin(np.arange(answers.n_tasks), list(known or {}))
    is_one = (np.diff(answers.start) == 1) & ~is_known
    given = answers.answer
    like = likeness_beside(answers.task, is_known, lambda one, other: f1(given[one], given[other]))
    alone = expected(like[~np.isnan(like)], score[is_known[answers.task]])
    sure = tuple((alone,) * len(of) if one else of for one, (_, of) in zip(is_one, found, strict=True))
    return Regions(tuple(regions for regions, _ in found), sure, skill, alone)


def f1(one: Sequence[Region], other: Sequence[Region], same: float = SAME) -> float:
    """Return F1 of two sets of regions, paired to the greatest overlap within a type; 1 when both are empty."""
    if not one or not other:
        return float(len(one) == len(other))
    return 2 * shared(one, other, same)[0] / (len(one) + len(other))


def shared(one: Sequence[Region], other: Sequence[Region], same: float = SAME) -> tuple[int, float]:
    """Return how many regions of two sets are paired so, and the sum of their overlaps."""
    row, column, alike = overlapping(_corners(one), _corners(other), same)
    codes = {name: code for code, name in enumerate({region.type for region in (*one, *other)})}
    types, others = (np.array([codes[region.type] for region in some]) for some in (one, other))
    kept = types[row] == others[column]
    return _paired(row[kept], column[kept], alike[kept], len(one), len(other))


def _paired(one: Ints, other: Ints, alike: Floats, n_first: int, n_second: int) -> tuple[int, float]:
    """Return how many of these pairs there are and the sum of alike, where 1 + alike sums to the most.

    Each region is in one at most. Those that no chain of pairs connects don't bear on each other: each chain is paired
    by itself.
    """
    if n_first * n_second <= FEW:
        return _assigned(one, other, alike, n_first, n_second)
    links = scipy.sparse.coo_matrix((np.ones(len(one)), (one, other + n_first)), shape=(n_first + n_second,) * 2)
    chain = scipy.sparse.csgraph.connected_components(links, directed=False)[1][one]
    order = np.argsort(chain, kind="stable")
    number, overlap = 0, 0.0
    for rows in np.split(order, np.flatnonzero(np.diff(chain[order])) + 1) if len(one) else ():
        if len(rows) == 1:
            number, overlap = number + 1, overlap + float(alike[rows[0]])
            continue
        left, right = (np.unique(side[rows], return_inverse=True) for side in (one, other))
        more, their = _assigned(left[1], right[1], alike[rows], len(left[0]), len(right[0]))
        number, overlap = number + more, overlap + their
    return number, overlap


def _assigned(one: Ints, other: Ints, alike: Floats, n_first: int, n_second: int) -> tuple[int, float]:
    gain = np.zeros((n_first, n_second))
    gain[one, other] = 1 + alike
    taken = gain[scipy.optimize.linear_sum_assignment(-gain)]
    number = int((taken > 0).sum())
    return number, float(taken.sum()) - number


def _combine(
    worker: Ints, given: Sequence[Sequence[Region]], weight: Floats, join: float, votes: float
) -> tuple[tuple[Region, ...], tuple[float, ...]]:
    regions = sorted((region, int(who)) for who, marked in zip(worker, given, strict=True) for region in marked)
    if not regions:
        return (), ()
    corners, who = _corners([region for region, _ in regions]), np.array([who for _, who in regions])
    present = weight[worker].sum()
    found = []
    one, other, alike = overlapping(corners, corners, join)
    once = one < other
    for group in one_each(who, one[once], other[once], alike[once]):
        share = float(weight[who[group]].sum() / present)
        if share >= votes - 1e-9:
            middle = weighted_median(corners[group], weight[who[group]])
            heaviest, behind = _heaviest(group, regions, weight)
            found.append((Region(tuple(middle.tolist()), heaviest), min(behind / present, 1.0)))
    found.sort()
    return tuple(region for region, _ in found), tuple(share for _, share in found)


def _heaviest(group: Ints, regions: Sequence[tuple[Region, int]], weight: Floats) -> tuple[str, float]:
    """Return the type that most of the weight gave a group, and that weight: of others, the place alone is agreed."""
    held: dict[str, float] = {}
    for row in group:
        region, who = regions[row]
        held[region.type] = held.get(region.type, 0.0) + weight[who]
    heaviest = min(held, key=lambda name: (-round(held[name], 9), name))
    return heaviest, held[heaviest]


def _corners(regions: Sequence[Region]) -> Floats:
    return np.array([region.corners for region in regions], dtype=np.float64)


def _scores(answers: Answers[Sequence[Region]], found: Sequence[Sequence[Region]], steps: Steps) -> Floats:
    rows = steps.over(zip(answers.task, answers.answer, strict=True))
    return np.array([f1(given, found[task]) for task, given in rows], dtype=np.float64)
