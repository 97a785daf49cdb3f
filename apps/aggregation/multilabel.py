"""Several labels to an item: every label is a yes-or-no question of its own.

One binary fit a label. Taking labels together would ask for 2^K combinations; what labels say about each other is
lost, what each worker overlooks or overuses is not.

Tsoumakas, Katakis: Multi-label classification: an overview. IJDWM 3, 2007 (binary relevance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import ensemble
from .alone import likeness_beside, where_alone
from .arrays import Floats, Ints
from .em import Progress
from .methods import Fit
from .steps import Steps
from .table import BadTable, Table


@dataclass(frozen=True, eq=False)
class Labels:
    """Args:
    posterior: (n_tasks, n_labels) probability that the label holds.
    chosen: (n_tasks, n_labels) whether it is more likely than not.
    skill: (n_workers, n_labels) expected accuracy on each label.
    sure: (n_tasks,) how likely all of them are right, each taken by itself: at most how far the answer can be believed;
        where posteriors are shares of votes, of a lone answer as by `alone`.
    """

    posterior: Floats
    chosen: Ints
    skill: Floats
    sure: Floats


def fit(
    task: Ints,
    worker: Ints,
    given: Ints,
    n_tasks: int,
    n_workers: int,
    known: Mapping[int, Sequence[int]] | None = None,
    *,
    method: Fit = ensemble.fit,
    progress: Progress | None = None,
) -> Labels:
    """Fit each label by itself.

    Args:
        given: (answers, n_labels) of 0 and 1, whether the worker gave the label.
        known: task -> 0 or 1 for each label.

    >>> given = [[1, 0], [1, 1], [1, 0], [0, 1], [0, 1], [0, 1]]
    >>> fit([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, given, n_tasks=2, n_workers=3).chosen.astype(int).tolist()
    [[1, 0], [0, 1]]
    """
    answers = np.atleast_2d(np.asarray(given, dtype=np.int32))
    if answers.ndim != 2 or len(answers) != len(task):
        raise BadTable(f"given must have a row for each of {len(task)} answers, not be of shape {answers.shape}")
    truths = np.full((n_tasks, answers.shape[1]), -1, dtype=np.int32)
    for at, labels in (known or {}).items():
        truths[at] = labels
    fits = [
        method(Table(task, worker, answers[:, label], n_tasks, n_workers, 2), truths[:, label])
        for label in Steps(progress, answers.shape[1]).over(range(answers.shape[1]))
    ]
    posterior = np.stack([fit.posterior[:, 1] for fit in fits], axis=1)
    chosen = np.stack([fit.label == 1 for fit in fits], axis=1)
    sure = np.where(chosen, posterior, 1 - posterior).prod(axis=1)
    if any(fit.sure is not None for fit in fits):
        same = np.all(answers == chosen[task], axis=1).astype(np.float64)
        of, is_known = np.asarray(task), np.all(truths >= 0, axis=1)
        sure = where_alone(
            sure, of, is_known, right=same, chance=0.5 ** answers.shape[1],
            beside=lambda: likeness_beside(
                of, is_known, lambda one, other: float((answers[one] == answers[other]).all())
            ),
        )  # fmt: skip
    return Labels(posterior, chosen, np.stack([fit.skill for fit in fits], axis=1), sure)
