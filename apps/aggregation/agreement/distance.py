"""Krippendorff's alpha with any distance: 1 - IoU of boxes, edit distance of texts, 1 - overlap of label sets, ...

    α = 1 - D_o / D_e,  where the distance stands for δ² (see krippendorff.py)

D_e is over all pairs of answers where there are at most `most`, over as many random ones otherwise; D_o over a task's
pairs likewise (see pairwise.py).

Krippendorff: Content analysis: an introduction to its methodology, 4th edition, 2018, section 12.
Artstein, Poesio: Inter-coder agreement for computational linguistics. Computational Linguistics 34, 2008 (Passonneau's
MASI and other distances).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import scipy

from apps.aggregation.answers import Answers
from apps.aggregation.arrays import Floats, Ints, ratio
from apps.aggregation.em import Progress
from apps.aggregation.pairs import sampled
from apps.aggregation.steps import Steps

from .bootstrap import Coefficient, coefficient
from .pairwise import MOST as MOST_OF_TASK
from .units import mixed

A = TypeVar("A")
MOST = 20_000


def alpha_by_distance(
    answers: Answers[A],
    distance: Callable[[A, A], float],
    *,
    most: int = MOST,
    seed: int = 0,
    progress: Progress | None = None,
) -> Coefficient:
    """Return alpha over tasks with at least two answers.

    Args:
        distance: symmetric, 0 between equal answers.

    >>> answers = Answers([0, 0, 1, 1, 2, 2], [0, 1] * 3, "aabbab", n_tasks=3, n_workers=2)
    >>> round(alpha_by_distance(answers, lambda x, y: float(x != y)).value, 3)
    0.444
    """

    def measure(first: Ints, second: Ints) -> Floats:
        pairs = steps.over(zip(first, second, strict=True))
        return np.array([distance(answers.answer[i], answers.answer[j]) for i, j in pairs], dtype=np.float64)

    votes = np.diff(answers.start)
    kept = np.flatnonzero(votes > 1)
    first, second = sampled(answers.start, MOST_OF_TASK)
    one, other = _all_pairs(np.flatnonzero(votes[answers.task] > 1), most, np.random.default_rng(seed))
    steps = Steps(progress, len(first) + len(one))
    in_task, size = answers.task[first], votes[kept].astype(np.float64)
    sums = np.bincount(in_task, measure(first, second), minlength=answers.n_tasks)
    differing = size * (sums[kept] / np.bincount(in_task, minlength=answers.n_tasks)[kept])

    apart = measure(one, other)
    place = np.zeros(answers.n_tasks, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    both = (place[answers.task[one]], place[answers.task[other]])
    far, met = (
        scipy.sparse.csr_matrix((values, both), shape=(len(kept), len(kept))) for values in (apart, np.ones(len(apart)))
    )

    def statistic(weights: Floats) -> Floats:
        # By tasks, as pairs are many more: a row of weights for each of them would be most of a process's memory.
        total, pairs = ((mixed(weights, matrix) * weights).sum(axis=1) for matrix in (far, met))
        expected = ratio(total, pairs)
        return 1 - ratio(ratio(weights @ differing, weights @ size), expected)

    return coefficient(statistic, np.ones(len(kept)))


def _all_pairs(rows: Ints, most: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    count = len(rows) * (len(rows) - 1) // 2
    if count <= most:
        one, other = np.triu_indices(len(rows), k=1)
        return rows[one], rows[other]
    one = rng.integers(0, len(rows), most)
    other = (one + rng.integers(1, len(rows), most)) % len(rows)
    return rows[one], rows[other]
