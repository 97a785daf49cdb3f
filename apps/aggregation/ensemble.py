"""The mean of four posteriors, each of which fails where another holds.

    p = (Dawid-Skene + Dawid-Skene with pooled prior + one coin with flat classes + 2 · shares of votes) / 5

Dawid-Skene reads too much into workers with few answers and into rare labels; one coin is blind to confusions that
workers share; votes know nothing about workers, but are never led astray by a model. Choosing one by its likelihood
picks no better than any of them alone, the mean does.

The two that read confusions fail together, so votes weigh as much as both: however sure of itself, the pair is
overruled by the coin with three votes in four. On real crowds any weight from ½ to 2 is as right in the mean.

Lakshminarayanan, Pritzel, Blundell: Simple and scalable predictive uncertainty estimation using deep ensembles. NIPS
2017 (section 2.4, a uniform mixture of posteriors).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import dawid_skene, em, majority, one_coin, pooled
from .dawid_skene import normalise
from .result import Diagnostics, Result, decide
from .table import Known, Table

VOTES = 2.0


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

    def fit_models() -> Iterator[Result]:
        def step(index: int) -> em.Progress | None:
            return (lambda done, most: progress(index * most + done, 3 * most)) if progress else None

        first = dawid_skene.fit(table, known, iterations=iterations, tolerance=tolerance, progress=step(0))
        yield first
        yield pooled.fit(table, known, first=first, iterations=iterations, tolerance=tolerance, progress=step(1))
        del first
        yield one_coin.fit(table, known, iterations=iterations, tolerance=tolerance, progress=step(2))

    posterior = VOTES * majority.fit(table, known).posterior
    skill, told = np.zeros(table.n_workers), []
    for model in fit_models():  # added up one by one, for the posteriors of a large table fill the memory
        posterior += model.posterior
        skill += model.skill
        told.append(model.diagnostics)
    posterior /= len(told) + VOTES
    counts = em.count(table, posterior)
    about = Diagnostics(
        "ensemble",
        sum(model.iterations for model in told),
        all(model.converged for model in told),
        prior=normalise(counts.truths),
        confusion=normalise(counts.answers + 1.0 + 3.0 * np.eye(table.n_labels)).transpose(0, 2, 1),
    )
    return Result(posterior, decide(posterior), skill / len(told), about)
