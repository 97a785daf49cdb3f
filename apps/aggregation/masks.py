"""Masks: a weighted vote on every pixel.

A pixel belongs to the object when workers with more than half of the weight say so. Weights come from a first round
without: the mean IoU of a worker's masks with the outcome, shrunk to the crowd's mean by one mask.

Warfield, Zou, Wells: Simultaneous truth and performance level estimation (STAPLE). IEEE TMI 23, 2004, is the model this
replaces: on real crowds it did worse than the vote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .answers import Answers
from .arrays import Floats
from .em import Progress
from .geometry import Mask, mask_iou
from .steps import Steps
from .table import BadTable

ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Masks:
    """Args:
    mask: one a task, None without answers.
    confidence: (n_tasks,) weighted mean IoU of the answers with the mask; nan without answers.
    skill: (n_workers,) mean IoU with the outcome; nan without answers.
    """

    mask: tuple[Mask | None, ...]
    confidence: Floats
    skill: Floats


def fit(answers: Answers[Mask], known: Mapping[int, Mask] | None = None, *, progress: Progress | None = None) -> Masks:
    """Return the consensus masks; those in `known` as given, which also tell who is reliable.

    >>> given = [np.array([[1, 1, 0]]), np.array([[1, 1, 1]]), np.array([[0, 1, 0]])]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3)).mask[0].astype(int).tolist()
    [[1, 1, 0]]
    """
    weight, number = np.ones(answers.n_workers), np.bincount(answers.worker, minlength=answers.n_workers)
    steps = Steps(progress, ROUNDS * (answers.n_tasks + len(answers.task)))
    for _ in range(ROUNDS):
        found = [
            (known or {})[task] if task in (known or {}) else vote(given, weight[worker]) if given else None
            for task, (worker, given) in steps.over(enumerate(answers.by_task()))
        ]
        rows = steps.over(zip(answers.task, answers.answer, strict=True))
        like = np.array([mask_iou(given, found[task]) for task, given in rows])
        sums = np.bincount(answers.worker, like, minlength=answers.n_workers)
        weight = (sums + (like.mean() if len(like) else 1.0)) / (number + 1) + 1e-9
    held = np.bincount(answers.task, weight[answers.worker], minlength=answers.n_tasks)
    agreed = np.bincount(answers.task, weight[answers.worker] * like, minlength=answers.n_tasks)
    return Masks(tuple(found), agreed / np.where(held, held, np.nan), sums / np.where(number, number, np.nan))


def vote(masks: Sequence[Mask], weight: Floats) -> Mask:
    """Return the pixels that more than half of the weight is for."""
    total = np.zeros(masks[0].shape)
    for mask, share in zip(masks, weight / weight.sum(), strict=True):
        if mask.shape != total.shape:
            raise BadTable(f"masks of one task must have one shape, not {total.shape} and {mask.shape}")
        total += share * mask.astype(bool)
    voted: Mask = total > 0.5 + 1e-9
    return voted
