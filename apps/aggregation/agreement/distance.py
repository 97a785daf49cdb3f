"""Krippendorff's alpha with any distance: 1 - IoU of boxes, edit distance of texts, 1 - overlap of label sets, ...

    α = 1 - D_o / D_e,  where the distance stands for δ² (see krippendorff.py)

D_e is over all pairs of answers where there are at most MOST, over a random MOST of them otherwise.

Krippendorff: Content analysis: an introduction to its methodology, 4th edition, 2018, section 12.
Artstein, Poesio: Inter-coder agreement for computational linguistics. Computational Linguistics 34, 2008 (Passonneau's
MASI and other distances).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from apps.aggregation.answers import Answers
from apps.aggregation.arrays import Floats, Ints, ratio
from apps.aggregation.em import Progress
from apps.aggregation.pairs import within
from apps.aggregation.steps import Steps

from .bootstrap import Coefficient, coefficient

A = TypeVar("A")
MOST = 20_000


def alpha_by_distance(
    answers: Answers[A], distance: Callable[[A, A], float], *, seed: int = 0, progress: Progress | None = None
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
    first, second = within(answers.start)
    one, other = _all_pairs(np.flatnonzero(votes[answers.task] > 1), np.random.default_rng(seed))
    steps = Steps(progress, len(first) + len(one))
    within_tasks = np.bincount(answers.task[first], measure(first, second), minlength=answers.n_tasks)
    differing, size = 2 * within_tasks[kept] / (votes[kept] - 1), votes[kept].astype(np.float64)

    apart = measure(one, other)
    place = np.zeros(answers.n_tasks, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    one, other = place[answers.task[one]], place[answers.task[other]]

    def statistic(weights: Floats) -> Floats:
        together = weights[:, one] * weights[:, other]
        expected = ratio(together @ apart, together.sum(axis=1))
        return 1 - ratio(ratio(weights @ differing, weights @ size), expected)

    return coefficient(statistic, np.ones(len(kept)))


def _all_pairs(rows: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    count = len(rows) * (len(rows) - 1) // 2
    if count <= MOST:
        one, other = np.triu_indices(len(rows), k=1)
        return rows[one], rows[other]
    one = rng.integers(0, len(rows), MOST)
    other = (one + rng.integers(1, len(rows), MOST)) % len(rows)
    return rows[one], rows[other]
