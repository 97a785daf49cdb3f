"""MACE: a worker either knows the label or answers from a habit of their own that ignores the task.

    θ[w, l, k] = c[w] [l = k] + (1 - c[w]) ξ[w, l]          c: competence, ξ: what w says when not knowing

M-step, where r[w, k] = c[w] / (c[w] + (1 - c[w]) ξ[w, k]) is the chance that a right answer was known:

    known[w]     = Σ_k n[w, k, k] r[w, k]         c[w]    = (known[w] + ½) / (answers of w + 1)
    habit[w, l]  = Σ_k n[w, l, k] - n[w, l, l] r[w, l]      ξ[w, l] ∝ habit[w, l] + 10

True labels are equally likely. The pseudo-counts ½ and, for each label, 10 are the paper's numbers, of a weaker model:
there they are hyper-parameters of variational Bayes, whose ½ draws a competence to 0 or 1; here they are counted, a
maximum a posteriori under Beta(1½, 1½), which draws it to ½ and keeps every step an ascent. The start is the shares of
votes, so there are no random restarts.

Hovy, Berg-Kirkpatrick, Vaswani, Hovy: Learning whom to trust with MACE. NAACL 2013.
"""

from __future__ import annotations

import numpy as np

from . import em
from .dawid_skene import normalise
from .result import Result
from .table import Known, Table

COMPETENCE = 0.5
HABIT = 10.0


def fit(
    table: Table,
    known: Known | None = None,
    *,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit competences, habits and true labels together.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """
    labels = table.n_labels
    competence = np.full(table.n_workers, 0.5)
    habit = np.full((table.n_workers, labels), 1 / max(labels, 1))  # em.run refuses none

    def maximise(counts: em.Counts) -> em.Model:
        nonlocal competence, habit
        right = np.einsum("wkk->wk", counts.answers)
        guessed = (1 - competence[:, None]) * habit
        knew = right * competence[:, None] / (competence[:, None] + guessed)
        given = counts.answers.sum(axis=2)
        competence = (knew.sum(axis=1) + COMPETENCE) / (given.sum(axis=1) + 2 * COMPETENCE)
        habit = normalise((given - knew + HABIT).T).T
        log_prior = COMPETENCE * (np.log(competence) + np.log1p(-competence)).sum()
        log_prior += HABIT * np.log(habit).sum()
        theta = np.repeat(((1 - competence[:, None]) * habit)[:, :, None], labels, axis=2)
        theta[:, range(labels), range(labels)] += competence[:, None]
        return em.Model(theta, np.full(labels, 1 / labels), float(log_prior))

    return em.run(table, maximise, known, method="mace", iterations=iterations, tolerance=tolerance, progress=progress)
