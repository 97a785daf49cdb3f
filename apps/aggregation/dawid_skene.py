"""Dawid-Skene: every worker has a confusion matrix of their own, kept sensible by a Dirichlet prior.

M-step, with pseudo-counts `right` on the diagonal, `wrong` off it, and `truth` for each true label:

    θ[w, l, k] = (n[w, l, k] + (right if l = k else wrong)) / (Σ over l of the same)
    π[k]       = (n[k] + truth) / (Σ over k of the same)

the maximum a posteriori under θ[w, ·, k] ~ Dirichlet(1 + right, 1 + wrong, ...), π ~ Dirichlet(1 + truth). With all
three 0 it is the maximum likelihood of the paper. Four answers' worth of trust in a new worker keeps the model from
reading meaning into workers with few answers. Among more than five labels the trust is as much as all doubt off the
diagonal, K - 1: else who chooses among twenty would be expected to be right one time in six before their first answer;
and with less doubt instead, one answer would teach the model a habit, and it believed one of three who all differ.

Dawid, Skene: Maximum likelihood estimation of observer error-rates using the EM algorithm. Applied Statistics 28, 1979.
"""

from __future__ import annotations

import numpy as np

from . import em
from .arrays import Floats
from .result import Result
from .table import Known, Table

TRUST = 4.0


def fit(
    table: Table,
    known: Known | None = None,
    *,
    right: float | None = None,
    wrong: float = 1.0,
    truth: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit confusion matrices and true labels together; tasks in `known` keep their label and teach about workers.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """
    pseudo = pseudo_counts(table.n_labels, right=right, wrong=wrong)
    return fit_with(table, pseudo, known, truth=truth, iterations=iterations, tolerance=tolerance, progress=progress)


def fit_with(
    table: Table,
    pseudo: Floats,
    known: Known | None = None,
    *,
    truth: float = 1.0,
    method: str = "dawid_skene",
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit with pseudo-counts of one's own, (given label, true label), the same for every worker."""
    step = m_step(pseudo, truth)
    return em.run(table, step, known, method=method, iterations=iterations, tolerance=tolerance, progress=progress)


def pseudo_counts(n_labels: int, *, right: float | None = None, wrong: float = 1.0) -> Floats:
    """Return (given label, true label) pseudo-counts of a worker nobody knows yet.

    >>> pseudo_counts(3)[0].tolist(), pseudo_counts(17)[0, :3].tolist()
    ([4.0, 1.0, 1.0], [16.0, 1.0, 1.0])
    """
    if right is None:
        right = max(TRUST, wrong * (n_labels - 1))
    return wrong + (right - wrong) * np.eye(n_labels)


def m_step(pseudo: Floats, truth: float = 1.0) -> em.Maximise:
    """Return the M-step above for these pseudo-counts."""

    def maximise(counts: em.Counts) -> em.Model:
        theta = normalise(counts.answers + pseudo)
        pi = normalise(counts.truths + truth)
        log_prior = float((pseudo * np.log(theta)).sum() + (truth * np.log(pi)).sum())
        return em.Model(theta, pi, log_prior)

    return maximise


def normalise(counts: Floats) -> Floats:
    """Return the counts scaled to sum to 1 over the second last axis (over all of a flat array), none below FLOOR."""
    floored = np.maximum(counts, em.FLOOR)
    axis = max(floored.ndim - 2, 0)
    scaled: Floats = floored / floored.sum(axis=axis, keepdims=True)
    return scaled
