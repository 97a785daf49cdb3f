"""A crowd like the one at hand, drawn at random: what its truths and its workers' habits may be, given its answers.

    z[t] ~ p(t = k | answers, θ, π)  (as in `em`)            π ~ Dirichlet(n[k] + 1 + 1)
    c[·, k] ~ Dirichlet(Σ over w of n[w, ·, k] + those of a worker nobody knows)
    θ[w, ·, k] ~ Dirichlet(n[w, ·, k] + S c[·, k])           n: counts under z; S: what such a worker's prior holds

one after the other, SWEEPS times, from the truths that a fit expects. Workers are like the crowd until they show
otherwise (`pooled`), and how good the crowd is stays as open as few answers leave it, which no best matrices tell. How
far workers differ is told too little: each row of a matrix is drawn by itself.

Tanner, Wong: The calculation of posterior distributions by data augmentation. JASA 82, 1987.
Kim, Ghahramani: Bayesian classifier combination. AISTATS 2012 (section 2.2, the same without c).
"""

from __future__ import annotations

import numpy as np

from . import em
from .arrays import Code, Floats, Ints
from .dawid_skene import normalise, pseudo_counts
from .table import UNKNOWN, Table

SWEEPS = 10


def crowd(table: Table, posterior: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return a truth for each task and a confusion matrix for each worker, (n_workers, true label, given label).

    Args: posterior: (n_tasks, n_labels) to start from.
    """
    workers, labels = table.n_workers, table.n_labels
    unheard, theta = pseudo_counts(labels), np.empty((workers, labels, labels))
    posterior, unknown = posterior.copy(), np.full(table.n_tasks, UNKNOWN, dtype=Code)
    given = (table.worker.astype(np.int64) * labels + table.label) * labels
    for _ in range(SWEEPS):
        truth = labels_of(posterior, rng)
        counts = np.bincount(given + truth[table.task], minlength=theta.size).reshape(theta.shape)
        usual = _shares(counts.sum(axis=0) + unheard, rng)
        theta = _shares(counts + unheard[0].sum() * usual, rng)
        pi = _shares(np.add(np.bincount(truth, minlength=labels), 2.0), rng)
        em.sweep(table, em.Model(theta, pi), unknown, posterior)
    return labels_of(posterior, rng), theta.transpose(0, 2, 1)


def labels_of(shares: Floats, rng: np.random.Generator) -> Ints:
    """Return a code drawn from each row of probabilities."""
    drawn: Ints = (rng.random((len(shares), 1)) > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return drawn


def _shares(counts: Floats, rng: np.random.Generator) -> Floats:
    """Return a draw from the Dirichlet distribution of each column."""
    return normalise(rng.standard_gamma(counts))
