"""Krippendorff's alpha: agreement beyond chance for any number of workers, missing answers and four metrics.

    α = 1 - D_o / D_e
    D_o = 1/n · Σ over tasks with m ≥ 2 answers of  Σ over ordered pairs of its answers of δ²(x, y) / (m - 1)
    D_e = 1/(n (n - 1)) · Σ over all ordered pairs of pairable answers of δ²(x, y)                n: pairable answers

    δ²(x, y):  nominal [x ≠ y] · interval (x - y)² · ratio ((x - y) / (x + y))²
               ordinal (r_x - r_y)², where r_x counts the answers below x and half of those at x (his sum over the
               ranks between x and y, ends halved)

Krippendorff: Computing Krippendorff's alpha-reliability. University of Pennsylvania, 2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import scipy

from apps.aggregation.arrays import Floats
from apps.aggregation.numbers import Measurements
from apps.aggregation.table import Table

from .bootstrap import Coefficient, Statistic, coefficient
from .units import Units, mixed, units

Metric = Literal["nominal", "ordinal", "interval", "ratio"]


def alpha(
    table: Table | Units, metric: Metric = "nominal", values: Sequence[float] | Floats | None = None
) -> Coefficient:
    """Return alpha; nan when all answers are the same, for then nothing tells agreement from chance.

    Args:
        values: what each label code stands for, for all but the nominal metric; the codes themselves by default.

    >>> table = Table([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 0, 1], n_tasks=3, n_workers=2, n_labels=2)
    >>> round(alpha(table).value, 3)
    0.444
    """
    worth = np.arange(table.n_labels, dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    if worth.shape != (table.n_labels,):
        raise ValueError(f"values must be one for each of {table.n_labels} labels, not of shape {worth.shape}")
    pairable = units(table).at_least(2)
    return coefficient(_statistic(pairable, metric, worth), pairable.repeats, width=pairable.n_labels)


def alpha_of_numbers(table: Measurements, metric: Metric = "interval") -> Coefficient:
    """Return alpha of numbers.

    >>> table = Measurements([0, 0, 1, 1, 2, 2], [0, 1] * 3, [1.0, 2.0, 5.0, 5.0, 9.0, 8.0], n_tasks=3, n_workers=2)
    >>> round(alpha_of_numbers(table).value, 3)
    0.967
    """
    values, label = np.unique(table.value, return_inverse=True)
    as_labels = Table(table.task, table.worker, label, table.n_tasks, table.n_workers, len(values))
    return alpha(as_labels, metric, values)


def _statistic(pairable: Units, metric: Metric, worth: Floats) -> Statistic:
    match metric:
        case "nominal":
            return _nominal(pairable)
        case "ordinal":
            return _ordinal(pairable, worth)
        case "interval":
            return _interval(pairable, worth)
        case "ratio":
            return _ratio(pairable, worth)
        case _:
            raise ValueError(f"metric must be one of {', '.join(get_args(Metric))}, not {metric!r}")


def _alpha(observed: Floats, expected: Floats, answers: Floats) -> Floats:
    """Return alpha from sums of δ² over pairs within tasks, each over m - 1, and over all pairs."""
    values: Floats = 1 - observed * (answers - 1) / expected
    return np.where(expected > 0, values, np.nan)


def _nominal(pairable: Units) -> Statistic:
    squares = np.asarray(pairable.counts.multiply(pairable.counts).sum(axis=1)).ravel()
    differing = (pairable.votes**2 - squares) / (pairable.votes - 1)

    def statistic(weights: Floats) -> Floats:
        margins = pairable.margins(weights)
        answers = margins.sum(axis=1)
        return _alpha(weights @ differing, answers**2 - (margins**2).sum(axis=1), answers)

    return statistic


def _interval(pairable: Units, worth: Floats) -> Statistic:
    # In whatever unit: neither do squares of huge values overflow nor do tiny ones count as equal.
    held = worth / (np.abs(worth).max(initial=0) or 1.0)
    centred = held - np.average(held, weights=pairable.margins(pairable.repeats[None, :])[0] + 1e-300)
    centred /= np.abs(centred).max(initial=0) or 1.0
    first, second = pairable.counts @ centred, pairable.counts @ centred**2
    differing = 2 * (pairable.votes * second - first**2) / (pairable.votes - 1)

    def statistic(weights: Floats) -> Floats:
        answers = weights @ pairable.votes
        expected = 2 * (answers * (weights @ second) - (weights @ first) ** 2)
        return _alpha(weights @ differing, np.where(expected > 1e-12 * answers**2, expected, 0), answers)

    return statistic


def _ordinal(pairable: Units, worth: Floats) -> Statistic:
    # Ranks depend on the answers drawn, so every draw is an interval alpha over ranks of its own.
    in_order = pairable.counts[:, np.argsort(worth, kind="stable")]
    scaled = scipy.sparse.diags(pairable.votes / (pairable.votes - 1)) @ in_order

    def statistic(weights: Floats) -> Floats:
        margins = mixed(weights, in_order)
        answers = margins.sum(axis=1)
        ranks = (margins.cumsum(axis=1) - margins / 2) / answers[:, None] - 0.5
        sums = in_order @ ranks.T
        within = (weights.T * sums**2 / (pairable.votes - 1)[:, None]).sum(axis=0)
        observed = 2 * ((mixed(weights, scaled) * ranks**2).sum(axis=1) - within)
        expected = 2 * (answers * (margins * ranks**2).sum(axis=1) - (margins * ranks).sum(axis=1) ** 2)
        return _alpha(observed, np.where(expected > 1e-12 * answers**2, expected, 0), answers)

    return statistic


def _ratio(pairable: Units, worth: Floats) -> Statistic:
    if (worth < 0).any():
        raise ValueError("values must not be negative for the ratio metric; use the interval metric")
    total = worth[:, None] + worth
    delta = np.divide(worth[:, None] - worth, total, out=np.zeros_like(total), where=total > 0) ** 2
    differing = np.asarray(pairable.counts.multiply(pairable.counts @ delta).sum(axis=1)).ravel() / (pairable.votes - 1)

    def statistic(weights: Floats) -> Floats:
        margins = pairable.margins(weights)
        return _alpha(weights @ differing, (margins @ delta * margins).sum(axis=1), margins.sum(axis=1))

    return statistic
