"""How sure an answer is that no other stands beside: as right as answers were found to be where there was another.

    c = (Σ of the scores of answers to tasks with something to compare with + ½) / (how many they are + 1)

Likeness to a consensus of itself would be 1, and a campaign that asks until it is sure would never ask a second time.
"""

from __future__ import annotations

import numpy as np

from .arrays import Flags, Floats, Ints


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
