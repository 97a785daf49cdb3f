"""Mean likeness of every two answers to one task: F1 of spans or boxes, IoU of masks, 1 - WER of texts, ...

    mean over tasks with ≥ 2 answers of the mean over its pairs of likeness(x, y)

Of a task with more than MOST pairs, over about MOST of them, drawn at random.

Hripcsak, Rothschild: Agreement, the F-measure, and reliability in information retrieval. JAMIA 12, 2005 (why pairwise
F1 where what is not marked cannot be counted).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from apps.aggregation.answers import Answers
from apps.aggregation.em import Progress
from apps.aggregation.pairs import sampled
from apps.aggregation.steps import Steps

from .bootstrap import Coefficient, coefficient

A = TypeVar("A")
MOST = 5_000  # pairs of a task: all of a hundred answers; a whole crowd that answers one task has its square


def pairwise(
    answers: Answers[A],
    likeness: Callable[[A, A], float],
    *,
    bounds: tuple[float, float] | None = None,
    progress: Progress | None = None,
) -> Coefficient:
    """Return the mean likeness; a task counts once, however many answers it has.

    Args:
        bounds: the least and the most that two answers can be alike.

    >>> answers = Answers([0, 0, 1, 1], [0, 1, 0, 1], ["a", "a", "a", "b"], n_tasks=2, n_workers=2)
    >>> pairwise(answers, lambda x, y: float(x == y)).value
    0.5
    """
    first, second = sampled(answers.start, MOST)
    both = Steps(progress, len(first)).over(zip(first, second, strict=True))
    alike = np.array([likeness(answers.answer[i], answers.answer[j]) for i, j in both])
    pairs = np.bincount(answers.task[first], minlength=answers.n_tasks)
    sums = np.bincount(answers.task[first], alike, minlength=answers.n_tasks)
    kept = np.flatnonzero(pairs)
    means = sums[kept] / pairs[kept]
    return coefficient(lambda weights: weights @ means / weights.sum(axis=1), np.ones(len(kept)), bounds=bounds)
