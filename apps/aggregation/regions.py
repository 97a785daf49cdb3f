"""Marked regions (boxes in a picture, intervals on a time line): group, vote, take the median.

For each task the workers' regions are grouped, at most one a worker (clusters.py), where they overlap by IoU ≥ JOIN.
A group counts when workers with at least half of the weight of those who answered marked it. Its corners are the
weighted medians, its type the heaviest one; it is as sure as the share of the weight that gave it this type. Weights
come from a first round without: the mean F1 of a worker's regions against the outcome, shrunk to the crowd's mean by
one task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from .alone import expected, likeness_beside
from .answers import Answers
from .arrays import Floats, Ints
from .clusters import one_each, weighted_median
from .em import Progress
from .steps import Steps

JOIN = 0.3  # two regions of the same thing overlap more, of neighbours less
VOTES = 0.5
ROUNDS = 2
SAME = 0.5  # IoU from which a region counts as found

Overlap = Callable[[Floats, Floats], Floats]


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
    overlap: Overlap,
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
        found = [_combine(worker, given, weight, overlap, join, votes) for worker, given in tasks]
        for task, truth in (known or {}).items():
            found[task] = (tuple(truth), (1.0,) * len(truth))
        score = _scores(answers, [regions for regions, _ in found], overlap, steps)
        number = np.bincount(answers.worker, minlength=answers.n_workers)
        sums = np.bincount(answers.worker, score, minlength=answers.n_workers)
        weight = (sums + (score.mean() if len(score) else 1.0)) / (number + 1) + 1e-9
    skill = sums / np.where(number, number, np.nan)
    is_known = np.isin(np.arange(answers.n_tasks), list(known or {}))
    is_one = (np.diff(answers.start) == 1) & ~is_known
    given = answers.answer
    like = likeness_beside(answers.task, is_known, lambda one, other: f1(given[one], given[other], overlap))
    alone = expected(like[~np.isnan(like)], score[is_known[answers.task]])
    sure = tuple((alone,) * len(of) if one else of for one, (_, of) in zip(is_one, found, strict=True))
    return Regions(tuple(regions for regions, _ in found), sure, skill, alone)


def f1(first: Sequence[Region], second: Sequence[Region], overlap: Overlap, same: float = SAME) -> float:
    """Return F1 of two sets of regions, paired to the greatest overlap within a type; 1 when both are empty."""
    if not first or not second:
        return float(len(first) == len(second))
    alike = overlap(_corners(first), _corners(second))
    alike *= np.array([[one.type == other.type for other in second] for one in first])
    matched = alike[scipy.optimize.linear_sum_assignment(-np.where(alike >= same, 1 + alike, 0))] >= same
    return float(2 * matched.sum() / (len(first) + len(second)))


def _combine(
    worker: Ints, given: Sequence[Sequence[Region]], weight: Floats, overlap: Overlap, join: float, votes: float
) -> tuple[tuple[Region, ...], tuple[float, ...]]:
    regions = sorted((region, int(who)) for who, marked in zip(worker, given, strict=True) for region in marked)
    if not regions:
        return (), ()
    corners, who = _corners([region for region, _ in regions]), np.array([who for _, who in regions])
    present = weight[worker].sum()
    found = []
    for group in one_each(who, overlap(corners, corners), join):
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


def _scores(
    answers: Answers[Sequence[Region]], found: Sequence[Sequence[Region]], overlap: Overlap, steps: Steps
) -> Floats:
    rows = steps.over(zip(answers.task, answers.answer, strict=True))
    return np.array([f1(given, found[task], overlap) for task, given in rows], dtype=np.float64)
