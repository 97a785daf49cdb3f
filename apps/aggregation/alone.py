"""How sure an answer is that no other stands beside: as right as answers were found to be where there was another.

    c = (Σ of the scores of answers to tasks with something to compare with + ½) / (how many they are + 1)

An answer's score is how right it is if its task's combined answer is: 1 or 0 for a label, likeness for a text or a box.
Likeness to a consensus of itself would be 1, and a campaign that asks until it is sure would never ask a second time.
"""

from __future__ import annotations

import numpy as np

from .arrays import Flags, Floats, Ints
from .result import Result, of_labels
from .table import UNKNOWN, Table


def expected(score: Floats, compared: Flags) -> float:
    """Return c, from the score of each answer and whether there was something to compare it with.

    >>> expected(np.array([1.0, 1.0, 0.5]), np.array([False, True, True]))
    0.6666666666666666
    """
    return float((score[compared].sum() + 0.5) / (compared.sum() + 1))


def where_alone(confidence: Floats, score: Floats, task: Ints, known: Flags) -> Floats:
    """Return confidence with c for each task of a single answer, unless it is known.

    Args:
        confidence, known: (n_tasks,).
        score, task: of each answer.
    """
    votes = np.bincount(task, minlength=len(confidence))
    of_one: Flags = (votes == 1) & ~known
    return np.where(of_one, expected(score, ~of_one[task]), confidence) if of_one.any() else confidence


def of_votes(table: Table, posterior: Floats, label: Ints, clamped: Ints) -> Floats | None:
    """Return how sure labels by shares of votes are: of several votes the share, of a lone one c, of a known label 1.

    None where the shares say it all.

    >>> table = Table([0, 0, 1], [0, 1, 0], [1, 1, 1], n_tasks=2, n_workers=2, n_labels=2)
    >>> of_votes(table, np.array([[0.0, 1.0]] * 2), np.array([1, 1]), np.array([-1, -1])).round(2).tolist()
    [1.0, 0.83]
    """
    if not (table.votes == 1).any():
        return None
    return where_alone(of_labels(posterior, label), label[table.task] == table.label, table.task, clamped != UNKNOWN)


def shares(voted: Result) -> Floats:
    """Return a vote's posterior, of a lone answer c for its label and the rest of 1 for all others alike."""
    if voted.sure is None:
        return voted.posterior
    told, others = voted.posterior.copy(), voted.posterior.shape[1] - 1
    share = np.take_along_axis(told, voted.label[:, None], axis=1)[:, 0]
    lone = np.flatnonzero((voted.confidence < share) & (others > 0))
    c = voted.confidence[lone]
    told[lone] = (1 - c[:, None]) / max(others, 1)
    told[lone, voted.label[lone]] = c
    return told
