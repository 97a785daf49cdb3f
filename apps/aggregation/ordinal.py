"""Labels on a scale: a worker sees the truth with a shift and a spread of their own, and names the nearest label.

    θ[w, l, k] = Φ((l + ½ - k - b[w]) / s[w]) - Φ((l - ½ - k - b[w]) / s[w]),  the end labels taking all beyond them
    b ~ N(0, ½²),  log s ~ N(log ¾, 1)

Two numbers a worker instead of K², so a few answers tell them, and a near miss says much about the truth. The M-step
is exact on a grid of shifts and spreads: the expected log-likelihood of every pair is one matrix product. The label is
the median of the posterior, which has the least expected distance to the truth.

Lakshminarayanan, Teh: Inferring ground truth from multi-annotator ordinal data: a probabilistic approach.
arXiv 1305.0015, 2013 (their model without the difficulty of items).
"""

from __future__ import annotations

import numpy as np
import scipy

from . import em
from .arrays import Floats, Ints
from .dawid_skene import normalise
from .result import TIE, Result
from .table import Known, Table

SHIFTS = np.linspace(-1.5, 1.5, 13)
SPREADS = np.geomspace(0.2, 4.0, 13)


def fit(
    table: Table,
    known: Known | None = None,
    *,
    truth: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit shifts, spreads and true labels together; `confidence` is the posterior of the median label.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 2, 3, 0, 0, 1]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=4)).label.tolist()
    [2, 0]
    """
    thetas, log_prior = grid(table.n_labels)
    log_thetas = np.log(thetas).reshape(len(thetas), -1).T

    def maximise(counts: em.Counts) -> em.Model:
        best = (counts.answers.reshape(table.n_workers, -1) @ log_thetas + log_prior).argmax(axis=1)
        pi = normalise(counts.truths + truth)
        return em.Model(thetas[best], pi, float(log_prior[best].sum() + (truth * np.log(pi)).sum()))

    result = em.run(
        table, maximise, known, method="ordinal", iterations=iterations, tolerance=tolerance, progress=progress
    )
    return Result(result.posterior, median(result.posterior), result.skill, result.diagnostics)


def grid(n_labels: int) -> tuple[Floats, Floats]:
    """Return the matrices (pairs of shift and spread, given label, true label) and the log prior of each pair."""
    shift, spread = (axis.ravel()[:, None, None] for axis in np.meshgrid(SHIFTS, SPREADS))
    seen = np.arange(n_labels) + shift
    edges = np.concatenate([[-np.inf], np.arange(n_labels - 1) + 0.5, [np.inf]])
    normal = scipy.stats.norm
    thetas = np.diff(normal.cdf((edges[:, None] - seen) / spread), axis=1)
    log_prior: Floats = normal.logpdf(shift, 0, 0.5) + normal.logpdf(np.log(spread), np.log(0.75), 1)
    return normalise(thetas), log_prior.ravel()


def median(posterior: Floats) -> Ints:
    """Return the lowest label at which half of each row's probability is reached."""
    labels: Ints = (posterior.cumsum(axis=1) >= 0.5 - TIE).argmax(axis=1)
    return labels
