"""One coin: a worker is right with one probability, whatever the truth, and wrong in every way alike.

    θ[w, l, k] = q[w] if l = k else (1 - q[w]) / (K - 1)
    q[w] = (Σ_k n[w, k, k] + right) / (answers of w + right + wrong (K - 1))                          M-step

the maximum a posteriori under q ~ Beta(1 + right, 1 + wrong (K - 1)); `wrong` is 1, among more than five labels what
makes all doubt as much as the trust. One number a worker instead of K²: fit for workers with few answers, blind to
confusions that workers share. With a flat class prior π = 1/K a rare label is not explained away as error; estimated,
π[k] ∝ n[k] + truth as in Dawid-Skene.

Zhang, Chen, Zhou, Jordan: Spectral methods meet EM. JMLR 17, 2016 (section 2, one-coin model).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from . import em
from .dawid_skene import TRUST, normalise
from .result import Result
from .table import Known, Table


def fit(
    table: Table,
    known: Known | None = None,
    *,
    classes: Literal["flat", "estimated"] = "flat",
    right: float = TRUST,
    wrong: float | None = None,
    truth: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit one accuracy a worker and the true labels together.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """
    labels, others = table.n_labels, max(table.n_labels - 1, 1)
    same = np.eye(labels, dtype=bool)
    if wrong is None:
        wrong = min(1.0, right / others)

    def maximise(counts: em.Counts) -> em.Model:
        hits = np.trace(counts.answers, axis1=1, axis2=2) + right
        misses = counts.answers.sum(axis=(1, 2)) + right + wrong * others - hits
        accuracy = np.clip(hits / (hits + misses), em.FLOOR, 1 - em.FLOOR)
        theta = np.where(same, accuracy[:, None, None], (1 - accuracy[:, None, None]) / others)
        log_prior = float((right * np.log(accuracy) + wrong * others * np.log1p(-accuracy)).sum())
        if classes == "flat":
            return em.Model(theta, np.full(labels, 1 / labels), log_prior)
        pi = normalise(counts.truths + truth)
        return em.Model(theta, pi, log_prior + float((truth * np.log(pi)).sum()))

    return em.run(
        table,
        maximise,
        known,
        method="one_coin" if classes == "flat" else f"one_coin_{classes}",
        iterations=iterations,
        tolerance=tolerance,
        progress=progress,
    )
