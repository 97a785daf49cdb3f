"""Dawid-Skene with a pooled prior: until a worker shows otherwise, they confuse labels as the crowd does.

    c[l, k]   = the confusion matrix of all workers together, under a first Dawid-Skene fit
    θ[w, ·, k] ~ Dirichlet(1 + strength · c[·, k])

Where some labels are hard for everybody, a prior that expects every label to be equally hard misjudges new workers.
Estimating the prior from the crowd once, then holding it, is empirical Bayes; each of the two fits never falls.

Morris: Parametric empirical Bayes inference. JASA 78, 1983; Paun et al.: Comparing Bayesian models of annotation.
TACL 6, 2018 (hierarchical Dawid & Skene).
"""

from __future__ import annotations

from . import dawid_skene, em
from .dawid_skene import normalise, pseudo_counts
from .result import Result
from .table import Known, Table


def fit(
    table: Table,
    known: Known | None = None,
    *,
    first: Result | None = None,
    strength: float | None = None,
    truth: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit confusion matrices whose prior is the crowd's own.

    Args:
        first: a Dawid-Skene fit of the same table, if there is one already.
        strength: answers, for each true label, that the crowd's matrix is worth; as many as the prior of
            `dawid_skene.fit` holds by default.
    """
    first = first or dawid_skene.fit(table, known, iterations=iterations, tolerance=tolerance)
    flat = pseudo_counts(table.n_labels)
    crowd = normalise(em.count(table, first.posterior).answers.sum(axis=0) + flat)
    pseudo = crowd * (flat[0].sum() if strength is None else strength)

    return dawid_skene.fit_with(
        table,
        pseudo,
        known,
        truth=truth,
        method="pooled",
        iterations=iterations,
        tolerance=tolerance,
        progress=progress,
    )
