"""Precision-weighted mean: numbers of steady workers count more.

    x = μ[t] + error of variance 1 / λ[w],   1 / λ[w] shrunk to the crowd's variance s² as if by STRENGTH answers

    μ[t] = Σ λ[w] x / Λ[t],  Λ[t] = Σ λ[w]                                                              E-step
    λ[w] = (answers of w + STRENGTH) / (Σ ((x - μ[t])² + 1 / Λ[t]) + STRENGTH s²)                        M-step

EM with μ latent under a flat prior; s² is the variance within tasks. The term 1 / Λ[t] keeps a worker who dominates a
task from being praised for agreeing with themself.

Raykar et al.: Learning from crowds. JMLR 11, 2010 (LFC-N of Zheng et al., VLDB 2017, without features).
"""

from __future__ import annotations

import numpy as np

from . import numbers
from .arrays import ratio
from .em import Progress
from .numbers import Estimate, Measurements, weighted_mean

STRENGTH = 4.0


def fit(
    table: Measurements, *, iterations: int = 100, tolerance: float = 1e-6, progress: Progress | None = None
) -> Estimate:
    """Return each task's weighted mean with its standard error, and each worker's precision.

    >>> from itertools import product
    >>> task, worker = zip(*product(range(40), range(3)))
    >>> value = [t + (w == 2) * (-1) ** t for t, w in zip(task, worker)]  # worker 2 is off by 1
    >>> fit(Measurements(task, worker, value, n_tasks=40, n_workers=3)).value[:4].round(1).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    start = numbers.mean(table)
    free = float(np.maximum(table.votes - 1, 0).sum())
    squares = float((numbers.errors(table, start.value) ** 2).sum())
    variance = squares / free if free else 0.0
    if variance == 0.0:
        return start
    answers = np.bincount(table.worker, minlength=table.n_workers)
    value = start.value
    held = ratio(table.votes, np.full(table.n_tasks, variance))
    for iteration in range(iterations):
        error = (table.value - value[table.task]) ** 2 + 1 / held[table.task]
        spread = np.bincount(table.worker, error, minlength=table.n_workers)
        precision = (answers + STRENGTH) / (spread + STRENGTH * variance)
        held = np.bincount(table.task, precision[table.worker], minlength=table.n_tasks).astype(np.float64)
        before, value = value, weighted_mean(table, precision[table.worker])
        if progress:
            progress(iteration + 1, iterations)
        if np.nanmax(np.abs(value - before)) < tolerance * np.sqrt(variance):
            break
    return Estimate(value, np.sqrt(ratio(1.0, held)), precision)


def steady(table: Measurements, *, progress: Progress | None = None) -> Estimate:
    """Return `fit`, slips pulled in: more labels near the truth than by `blend`, and more to lose where few tell."""
    return fit(numbers.winsorised(table), progress=progress)


def blend(table: Measurements, *, progress: Progress | None = None) -> Estimate:
    """Return the mean of the plain and the precision-weighted mean, slips pulled in.

    Its squared error is at most theirs on average.
    """
    table = numbers.winsorised(table)
    plain, weighted = numbers.mean(table), fit(table, progress=progress)
    return Estimate((plain.value + weighted.value) / 2, (plain.error + weighted.error) / 2, weighted.precision)
