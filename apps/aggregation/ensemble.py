"""The mean of posteriors that fail in different places.

    p = (Dawid-Skene + Dawid-Skene with pooled prior + ½ (one coin with flat classes + with estimated ones) + 2 · V) / 5

V are the shares of votes; a lone vote has not all of them, but as many as others were right (`alone`). Dawid-Skene
reads too much into workers with few answers and into rare labels; one coin is blind to confusions that workers share;
votes know nothing about workers, but are never led astray by a model. Choosing one by its likelihood picks no better
than any of them alone, the mean does.

The two that read confusions fail together, so votes weigh as much as both: however sure of itself, the pair is
overruled by the coin with more than three votes in four. On real crowds any weight from ½ to 2 is as right in the mean.
How a coin should take split votes, all classes alike or by their shares, no answers tell, so it is asked both ways.

    told = w p + (1 - w) / K

All of them find some meaning in mere guesses, for each is judged by the answers that it was fitted to. So p is told as
far as answers agree beyond chance at all (w of `evidence`), and all labels alike for the rest. No label is another by
it. A known label stays certain, and a lone answer is the label (`alone.held`).

Lakshminarayanan, Pritzel, Blundell: Simple and scalable predictive uncertainty estimation using deep ensembles. NIPS
2017 (section 2.4, a uniform mixture of posteriors).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from . import alone, dawid_skene, em, evidence, majority, one_coin, pooled
from .dawid_skene import normalise, pseudo_counts
from .result import Diagnostics, Result, decide
from .steps import part
from .table import UNKNOWN, Known, Table

VOTES = 2.0


def fit(
    table: Table,
    known: Known | None = None,
    *,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit all; a worker's skill is the mean of the models' skills, as the posterior is of theirs.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """

    def weighted_models() -> Iterator[tuple[float, Result]]:
        step = partial(part, progress, of=4)
        first = dawid_skene.fit(table, known, iterations=iterations, tolerance=tolerance, progress=step(index=0))
        yield 1.0, first
        yield (
            1.0,
            pooled.fit(table, known, first=first, iterations=iterations, tolerance=tolerance, progress=step(index=1)),
        )
        del first
        coin = partial(one_coin.fit, table, known, iterations=iterations, tolerance=tolerance)
        yield 0.5, coin(classes="flat", progress=step(index=2))
        yield 0.5, coin(classes="estimated", progress=step(index=3))

    posterior = VOTES * alone.shares(majority.fit(table, known))
    skill, told, models = np.zeros(table.n_workers), [], 0.0
    for weight, model in weighted_models():  # added up one by one, for the posteriors of a large table fill the memory
        posterior += weight * model.posterior
        skill += weight * model.skill
        models += weight
        told.append(model.diagnostics)
    posterior /= models + VOTES
    counts = em.count(table, posterior)
    about = Diagnostics(
        "ensemble",
        sum(model.iterations for model in told),
        all(model.converged for model in told),
        prior=normalise(counts.truths),
        confusion=normalise(counts.answers + pseudo_counts(table.n_labels)).transpose(0, 2, 1),
    )
    clamped = table.clamp(known)
    posterior = alone.held(posterior, table.task, table.label, clamped)
    label = decide(posterior)
    w = evidence.informative(table, clamped)
    posterior *= w
    posterior += (1 - w) / table.n_labels
    at = np.flatnonzero(clamped != UNKNOWN)
    posterior[at] = 0.0
    posterior[at, clamped[at]] = 1.0
    return Result(posterior, label, skill / models, about)
