"""Masks: a weighted vote on every pixel.

    m[x] = 1  where  Σ over u who marked x of w[u]  >  ½ Σ over u who answered of w[u]
    w[u] = (Σ over u's answers of IoU + IoU of the crowd) / (answers of u + 1)              1 for all in the first round
    confidence = Σ_u w[u] · IoU(mask of u, m) / Σ_u w[u]

x is a pixel, w[u] worker u's weight, IoU that of a mask with the outcome, 1 of two empty ones; the crowd's is the mean
over all answers, so each worker is shrunk to it by one mask. At just half of the weight a pixel is left out.

Gurari et al.: How to collect segmentations for biomedical images? A benchmark evaluating the performance of experts,
crowdsourced non-experts, and algorithms. WACV 2015 (pixel-wise majority vote of crowds).
Warfield, Zou, Wells: Simultaneous truth and performance level estimation (STAPLE). IEEE TMI 23, 2004, is the model this
replaces: on real crowds it did worse than the vote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from .alone import mean_beside, where_alone
from .answers import Answers
from .arrays import Floats
from .em import Progress
from .geometry import Mask, mask_iou
from .steps import Steps
from .table import BadTable

ROUNDS = 2


A = TypeVar("A")
K = TypeVar("K")


@dataclass(frozen=True, eq=False)
class Masks(Generic[K]):
    """Args:
    mask: one a task, as it was kept; None without answers.
    confidence: (n_tasks,) weighted mean IoU of the answers with the mask; nan without answers; of one see `alone`.
    skill: (n_workers,) mean IoU with the outcome; nan without answers.
    """

    mask: tuple[K | None, ...]
    confidence: Floats
    skill: Floats


def _as_it_is(mask: Any) -> Any:
    return mask


def fit(
    answers: Answers[A],
    known: Mapping[int, Mask] | None = None,
    *,
    read: Callable[[A], Mask] = _as_it_is,
    keep: Callable[[Mask], K] = _as_it_is,
    progress: Progress | None = None,
) -> Masks[K]:
    """Return the consensus masks; those in `known` as given, which also tell who is reliable.

    Args:
        read, keep: make a mask of an answer, and of a mask what is returned. No more than one task's masks are held at
            a time: a picture has a million pixels, and its mask a hundred runs.

    >>> given = [np.array([[1, 1, 0]]), np.array([[1, 1, 1]]), np.array([[0, 1, 0]])]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3)).mask[0].astype(int).tolist()
    [[1, 1, 0]]
    """
    weight, number = np.ones(answers.n_workers), np.bincount(answers.worker, minlength=answers.n_workers)
    steps = Steps(progress, ROUNDS * answers.n_tasks)
    is_known = np.isin(np.arange(answers.n_tasks), list(known or {}))
    is_asked = (
        (np.diff(answers.start) == 1) & ~is_known
    ).any()  # how like each other masks are that do not stand alone
    beside = np.full(len(answers.task), np.nan)
    for turn in range(ROUNDS):
        found: list[K | None] = []
        alike: list[float] = []
        for task, (worker, given) in steps.over(enumerate(answers.by_task())):
            masks = [read(one) for one in given]
            voted = (known or {})[task] if task in (known or {}) else vote(masks, weight[worker]) if masks else None
            alike += [mask_iou(mask, voted) for mask in masks if voted is not None]
            found.append(None if voted is None else keep(voted))
            if turn == 0 and is_asked and len(masks) > 1 and not is_known[task]:
                beside[answers.start[task] : answers.start[task + 1]] = _beside(masks)
        like = np.array(alike)
        sums = np.bincount(answers.worker, like, minlength=answers.n_workers)
        weight = (sums + (like.mean() if len(like) else 1.0)) / (number + 1) + 1e-9
    held = np.bincount(answers.task, weight[answers.worker], minlength=answers.n_tasks)
    agreed = np.bincount(answers.task, weight[answers.worker] * like, minlength=answers.n_tasks)
    mean = agreed / np.where(held, held, np.nan)
    confidence = where_alone(mean, answers.task, is_known, right=like, beside=lambda: beside)
    return Masks(tuple(found), confidence, sums / np.where(number, number, np.nan))


def _beside(masks: Sequence[Mask]) -> Floats:
    return mean_beside(range(len(masks)), lambda one, other: mask_iou(masks[one], masks[other]))


def vote(masks: Sequence[Mask], weight: Floats) -> Mask:
    """Return the pixels that more than half of the weight is for."""
    total = np.zeros(masks[0].shape)
    for mask, share in zip(masks, weight / weight.sum(), strict=True):
        if mask.shape != total.shape:
            raise BadTable(f"masks of one task must have one shape, not {total.shape} and {mask.shape}")
        total += share * mask.astype(bool)
    voted: Mask = total > 0.5 + 1e-9
    return voted
