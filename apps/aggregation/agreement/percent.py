"""Percent agreement: the chance that two workers drawn from one task gave the same label, averaged over tasks.

P = mean over tasks with m ≥ 2 answers of  Σ_k n_k (n_k - 1) / (m (m - 1))        n_k: answers with label k

Fleiss: Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 1971 (P, before
chance is taken).
"""

from __future__ import annotations

import numpy as np

from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.table import Table

from .bootstrap import Coefficient, coefficient
from .units import Units, units


def percent(table: Table | Units) -> Coefficient:
    """Return the percent agreement as a share.

    >>> percent(Table([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [1, 1, 0, 0, 0], n_tasks=2, n_workers=3, n_labels=2)).value
    0.6666666666666666
    """
    pairable = units(table).at_least(2)
    agreed = agreements(pairable)
    return coefficient(lambda weights: weights @ agreed / weights.sum(axis=1), pairable.repeats, bounds=(0, 1))


def agreements(pairable: Units) -> Floats:
    """Return each unit's share of agreeing pairs of answers, nan with a single answer."""
    same = np.asarray(pairable.counts.multiply(pairable.counts).sum(axis=1)).ravel() - pairable.votes
    return ratio(same, pairable.votes * (pairable.votes - 1))
