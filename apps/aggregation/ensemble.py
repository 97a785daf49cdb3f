"""The mean of four posteriors, each of which fails where another holds.

    p = (Dawid-Skene + Dawid-Skene with pooled prior + one coin with flat classes + ½ · shares of votes) / 3.5

Dawid-Skene reads too much into workers with few answers and into rare labels; one coin is blind to confusions that
workers share; votes know nothing about workers, but are never led astray by a model. Choosing one by its likelihood
picks no better than any of them alone, the mean does.

Lakshminarayanan, Pritzel, Blundell: Simple and scalable predictive uncertainty estimation using deep ensembles. NIPS
2017 (section 2.4, a uniform mixture of posteriors).
"""

from __future__ import annotations

import numpy as np

from . import dawid_skene, em, majority, one_coin, pooled
from .dawid_skene import normalise
from .result import Diagnostics, Result, decide
from .table import Known, Table

VOTES = 0.5


def fit(
    table: Table,
    known: Known | None = None,
    *,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit all four; a worker's skill is the mean of the three models' skills.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """

    def part(index: int) -> em.Progress | None:
        return (lambda done, most: progress(index * most + done, 3 * most)) if progress else None

    confused = dawid_skene.fit(table, known, iterations=iterations, tolerance=tolerance, progress=part(0))
    like_the_crowd = pooled.fit(
        table, known, first=confused, iterations=iterations, tolerance=tolerance, progress=part(1)
    )
    coin = one_coin.fit(table, known, iterations=iterations, tolerance=tolerance, progress=part(2))
    models = (confused, like_the_crowd, coin)
    posterior = VOTES * majority.fit(table, known).posterior
    for model in models:
        posterior += model.posterior
    posterior /= len(models) + VOTES
    counts = em.count(table, posterior)
    about = Diagnostics(
        "ensemble",
        sum(model.diagnostics.iterations for model in models),
        all(model.diagnostics.converged for model in models),
        prior=normalise(counts.truths),
        confusion=normalise(counts.answers + 1.0 + 3.0 * np.eye(table.n_labels)).transpose(0, 2, 1),
    )
    return Result(posterior, decide(posterior), np.mean([model.skill for model in models], axis=0), about)
