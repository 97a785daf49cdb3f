"""GLAD: workers differ in ability, tasks in difficulty.

    P(w is right on t) = σ(x),  x = a[w] · exp(b[t]);  wrong answers are equally likely, and so are true labels
    a[w] ~ N(1, 1), b[t] ~ N(1, 1)                                                          (the paper's priors)

The paper's EM ascends the expected log-likelihood by gradients. The gradient of the log-likelihood itself, with true
labels summed out, is the same (Fisher's identity), so L-BFGS can ascend it directly, in one loop instead of two:

    ∂/∂x of one answer l = p(t = l) - σ(x)

Whitehill, Ruvolo, Wu, Bergsma, Movellan: Whose vote should count more: optimal integration of labels from labelers of
unknown expertise. NIPS 2009.
"""

from __future__ import annotations

import numpy as np
import scipy

from .arrays import Floats, Ints, ratio
from .em import Progress
from .result import Diagnostics, Result, decide
from .table import UNKNOWN, Known, Table


def fit(
    table: Table,
    known: Known | None = None,
    *,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
) -> Result:
    """Fit abilities, difficulties and true labels together; a worker's skill is the mean over the tasks they did.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [1, 1, 0, 0, 0, 0]
    >>> fit(Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)).label.tolist()
    [1, 0]
    """
    table.refuse_wide()
    clamped = table.clamp(known)
    objective: list[float] = []

    def loss(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = _log_density(table, clamped, parameters)
        return -value, -gradient

    def told(intermediate_result: scipy.optimize.OptimizeResult) -> None:
        objective.append(-float(intermediate_result.fun))
        if progress:
            progress(len(objective), iterations)
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance * len(table):
            raise StopIteration

    start = np.ones(table.n_workers + table.n_tasks)
    found = scipy.optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", callback=told, options={"maxiter": iterations}
    )
    posterior = np.exp(_log_joint(table, clamped, found.x))
    posterior /= posterior.sum(axis=1, keepdims=True)
    right = scipy.special.expit(_odds(table, found.x))
    answers = np.bincount(table.worker, minlength=table.n_workers)
    skill = ratio(np.bincount(table.worker, right, minlength=table.n_workers), answers)
    about = Diagnostics("glad", len(objective), len(objective) < iterations, tuple(objective))
    return Result(posterior, decide(posterior), skill, about)


def _odds(table: Table, parameters: Floats) -> Floats:
    ability, ease = parameters[: table.n_workers], parameters[table.n_workers :]
    odds: Floats = ability[table.worker] * np.exp(ease)[table.task]
    return odds


def _log_joint(table: Table, known: Ints, parameters: Floats) -> Floats:
    """Return log p(label, answers) less its row's maximum, shape (n_tasks, n_labels)."""
    joint = _joint(table, known, _odds(table, parameters))
    joint -= joint.max(axis=1, keepdims=True)
    return joint


def _joint(table: Table, known: Ints, odds: Floats) -> Floats:
    others = np.log(max(table.n_labels - 1, 1))
    cell = table.task.astype(np.int64) * table.n_labels + table.label
    votes = np.bincount(cell, odds + others, minlength=table.n_tasks * table.n_labels)
    joint: Floats = votes.astype(np.float64).reshape(table.n_tasks, table.n_labels)
    joint += np.bincount(table.task, scipy.special.log_expit(-odds) - others, minlength=table.n_tasks)[:, None]
    at = np.flatnonzero(known != UNKNOWN)
    kept = joint[at, known[at]]
    joint[at] = -np.inf
    joint[at, known[at]] = kept
    return joint


def _log_density(table: Table, known: Ints, parameters: Floats) -> tuple[float, Floats]:
    """Return the log posterior density of abilities and eases, labels summed out, with its gradient."""
    ability, ease = parameters[: table.n_workers], parameters[table.n_workers :]
    odds = _odds(table, parameters)
    joint = _joint(table, known, odds)
    evidence = scipy.special.logsumexp(joint, axis=1)
    right = np.exp(joint[table.task, table.label] - evidence[table.task])
    by_odds = right - scipy.special.expit(odds)
    by_ability = np.bincount(table.worker, by_odds * np.exp(ease)[table.task], minlength=table.n_workers)
    by_ease = np.bincount(table.task, by_odds * odds, minlength=table.n_tasks)
    value = float(evidence.sum() - ((ability - 1) ** 2).sum() / 2 - ((ease - 1) ** 2).sum() / 2)
    return value, np.concatenate([by_ability - (ability - 1), by_ease - (ease - 1)])
