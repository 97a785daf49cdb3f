"""Labels on a scale: who looks sees the truth with a shift and a spread of their own and names the nearest label; who
does not look answers from a habit.

    θ[w, l, k] = c[w] g[w, l, k] + (1 - c[w]) ξ[w, l]        c: share of answers that look at the task, ξ: w's habit
    g[w, l, k] = Φ((l + ½ - k - b[w]) / s[w]) - Φ((l - ½ - k - b[w]) / s[w]),  the end labels taking all beyond them
    b ~ Laplace(0, R / 12),  log s ~ N(log 3R / 16, 1),  c ~ Beta(5, 2),  ξ ~ Dirichlet(1 + 10 / K, ...)     R = K - 1

A few numbers a worker instead of K², so few answers tell them, and a near miss says much about the truth. Without the
habit, workers who always say the same would pull the whole scale towards it, for nothing else holds its origin. In the
M-step, r = c g / θ is the chance that an answer looked: Σ n r gives c and, on a grid of shifts and spreads, b and s
(the expected log-likelihood of every pair is one matrix product); what is left gives ξ. The start has the worker in
the middle without a shift: the mean of votes, from which EM starts, is where all of them together shift.

The label is the median, which has the least expected distance to the truth, of the mean of the model's posterior, once,
and the shares of votes, twice: as in `ensemble` no model may overrule more than three votes in four. How sure it is the
model says, which then is not sure at all.

Lakshminarayanan, Teh: Inferring ground truth from multi-annotator ordinal data: a probabilistic approach.
arXiv 1305.0015, 2013 (their model without the difficulty of items).
Hovy, Berg-Kirkpatrick, Vaswani, Hovy: Learning whom to trust with MACE. NAACL 2013 (the habit).
"""

from __future__ import annotations

import numpy as np
import scipy

from . import em, majority
from .arrays import Floats, Ints
from .dawid_skene import normalise
from .ensemble import VOTES
from .result import TIE, Result
from .table import Known, Table

SHIFTS = np.linspace(-3 / 8, 3 / 8, 25)  # of the scale's range
LOOKED, HABITUAL = 4.0, 1.0  # pseudo-counts of answers
HABIT = 10.0  # the same of a habit, over all labels: a scale may have many


def fit(
    table: Table,
    known: Known | None = None,
    *,
    truth: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: em.Progress | None = None,
) -> Result:
    """Fit workers and true labels together; `confidence` is the posterior of the median label.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 2, 3, 0, 0, 1]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=4)).label.tolist()
    [2, 0]
    """
    result = em.run(
        table, m_step(table, truth), known, method="ordinal", iterations=iterations, tolerance=tolerance,
        progress=progress,
    )  # fmt: skip
    blend = (result.posterior + VOTES * majority.fit(table, known).posterior) / (1 + VOTES)
    return Result(result.posterior, median(blend), result.skill, result.diagnostics)


def m_step(table: Table, truth: float) -> em.Maximise:
    """Return the M-step above, which remembers how workers answered so far."""
    workers, labels = table.n_workers, table.n_labels
    seen, log_prior = grid(labels)
    log_seen = np.log(seen).reshape(len(seen), -1).T
    best: Ints = np.full(workers, log_prior.argmax())
    is_first = True
    looks = np.full(workers, LOOKED / (LOOKED + HABITUAL))
    habit = np.full((workers, labels), 1 / labels)

    def theta() -> Floats:
        found: Floats = looks[:, None, None] * seen[best] + ((1 - looks)[:, None] * habit)[:, :, None]
        return found

    def maximise(counts: em.Counts) -> em.Model:
        nonlocal best, is_first, looks, habit
        looked = counts.answers * (looks[:, None, None] * seen[best] / theta())
        best = (looked.reshape(workers, labels**2) @ log_seen + log_prior).argmax(axis=1)
        if is_first:
            best, is_first = centred(best, looked.sum(axis=(1, 2))), False
        looks = (looked.sum(axis=(1, 2)) + LOOKED) / (counts.answers.sum(axis=(1, 2)) + LOOKED + HABITUAL)
        habit = normalise(((counts.answers - looked).sum(axis=2) + HABIT / labels).T).T
        pi = normalise(counts.truths + truth)
        prior = log_prior[best].sum() + (LOOKED * np.log(looks) + HABITUAL * np.log1p(-looks)).sum()
        prior += HABIT / labels * np.log(habit).sum() + (truth * np.log(pi)).sum()
        return em.Model(theta(), pi, float(prior))

    return maximise


def centred(pairs: Ints, answers: Floats) -> Ints:
    """Return pairs of the grid moved so that the worker in the middle, by answers, has no shift."""
    spread, shift = np.divmod(pairs, len(SHIFTS))
    order = np.argsort(shift, kind="stable")
    reached = answers[order].cumsum()
    middle = shift[order[np.searchsorted(reached, reached[-1] / 2)]] if len(pairs) else 0
    moved: Ints = spread * len(SHIFTS) + np.clip(shift - middle + len(SHIFTS) // 2, 0, len(SHIFTS) - 1)
    return moved


def grid(n_labels: int) -> tuple[Floats, Floats]:
    """Return the matrices g (pairs of shift and spread, given label, true label) and the log prior of each pair."""
    wide = max(n_labels - 1, 1)
    spreads = np.geomspace(0.2, max(wide, 1.0), 13)
    shift, spread = (axis.ravel()[:, None, None] for axis in np.meshgrid(SHIFTS * wide, spreads))
    seen = np.arange(n_labels) + shift
    edges = np.concatenate([[-np.inf], np.arange(n_labels - 1) + 0.5, [np.inf]])
    normal, laplace = scipy.stats.norm, scipy.stats.laplace
    matrices = np.diff(normal.cdf((edges[:, None] - seen) / spread), axis=1)
    log_prior: Floats = laplace.logpdf(shift, 0, wide / 12) + normal.logpdf(np.log(spread), np.log(wide * 3 / 16), 1)
    return normalise(matrices), log_prior.ravel()


def median(posterior: Floats) -> Ints:
    """Return the label at which half of each row's probability is reached; of several the middle one."""
    below = posterior.cumsum(axis=1)
    labels: Ints = ((below >= 0.5 - TIE).argmax(axis=1) + (below > 0.5 + TIE).argmax(axis=1)) // 2
    return labels
