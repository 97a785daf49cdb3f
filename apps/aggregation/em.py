"""Expectation-maximisation for workers who each have a confusion matrix.

    p(t = k | answers)  ∝  π[k] · ∏ over answers (w, l) to t of  θ[w, l, k]                                   E-step
    n[w, l, k]          =  Σ over answers (w, l) of p(t = k),     n[k] = Σ over tasks of p(t = k)              counts

π[k] is the share of true label k; θ[w, l, k] the probability that worker w says l when k is true. The counts are all
that an M-step needs, and they add up over any split of the tasks: one pass over a split yields its posterior and its
counts together. Dawid-Skene, one-coin and their relatives differ in the M-step only.

Dawid, Skene: Maximum likelihood estimation of observer error-rates using the EM algorithm. Applied Statistics 28, 1979.
Dempster, Laird, Rubin: Maximum likelihood from incomplete data via the EM algorithm. JRSS B 39, 1977.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from . import fast
from .arrays import Floats, Ints
from .result import Diagnostics, Result, decide, shares
from .table import UNKNOWN, Known, Table

FLOOR = 1e-10  # no probability is smaller: log(0) would let one answer veto all others
Progress = Callable[[int, int], None]  # told the iterations done and the most there can be


@dataclass(frozen=True, eq=False)
class Model:
    """Args:
    theta: (n_workers, given label, true label), probability of the given label; columns sum to 1 over given labels.
    pi: (n_labels,) share of each true label.
    log_prior: log density of theta and pi under their priors, up to a constant.
    """

    theta: Floats
    pi: Floats
    log_prior: float = 0.0


@dataclass(frozen=True, eq=False)
class Counts:
    """Expected counts of one pass: given by true label for each worker, of true labels, and the log-likelihood."""

    answers: Floats
    truths: Floats
    log_likelihood: float

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of two splits of the tasks together."""
        return Counts(
            self.answers + other.answers, self.truths + other.truths, self.log_likelihood + other.log_likelihood
        )


@dataclass(frozen=True, eq=False)
class Fitted:
    """Args:
    model: of the last M-step.
    swept: the model of the last E-step, to which the posterior belongs.
    """

    model: Model
    swept: Model
    objective: tuple[float, ...]
    converged: bool


Maximise = Callable[[Counts], Model]


def run(
    table: Table,
    maximise: Maximise,
    known: Known | None = None,
    *,
    method: str,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
) -> Result:
    """Alternate both steps from the shares of votes until the objective grows by less than `tolerance` a judgment.

    The objective is the log posterior density of model and answers, true labels summed out; it never falls.
    """
    table.refuse_wide()
    clamped = table.clamp(known)
    posterior = shares(table.counts(), clamped)
    fitted = alternate(
        count(table, posterior),
        lambda model: sweep(table, model, clamped, posterior),
        maximise,
        judgments=len(table),
        iterations=iterations,
        tolerance=tolerance,
        progress=progress,
    )
    model = fitted.model
    confusion = model.theta.transpose(0, 2, 1)
    answered = np.bincount(table.worker, minlength=table.n_workers) > 0
    skill = np.where(answered, np.einsum("wkk,k->w", model.theta, model.pi), np.nan)
    about = Diagnostics(method, len(fitted.objective), fitted.converged, fitted.objective, model.pi, confusion)
    return Result(posterior, decide(posterior), skill, about)


def alternate(
    first: Counts,
    expect: Callable[[Model], Counts],
    maximise: Maximise,
    *,
    judgments: int,
    iterations: int = 100,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
) -> Fitted:
    """Alternate both steps, wherever the tasks are: `expect` does an E-step over all of them and returns its counts."""
    model = swept = maximise(first)
    objective: list[float] = []
    converged = False
    for iteration in range(iterations):
        swept, counts = model, expect(model)
        objective.append(counts.log_likelihood + model.log_prior)
        model = maximise(counts)
        if progress:
            progress(iteration + 1, iterations)
        if iteration and objective[-1] - objective[-2] < tolerance * max(judgments, 1):
            converged = True
            break
    return Fitted(model, swept, tuple(objective), converged)


def sweep(table: Table, model: Model, known: Ints, posterior: Floats) -> Counts:
    """Do one E-step: fill in `posterior` and return the counts."""
    theta = np.maximum(model.theta, FLOOR).reshape(-1, table.n_labels)
    pi = np.maximum(model.pi, FLOOR)
    compiled = fast.passes(len(table), table.n_labels)
    if compiled:
        answers, truths = np.zeros_like(theta), np.zeros_like(pi)
        rows = (table.start, table.worker, table.label)
        log_likelihood = compiled.sweep(*rows, theta, np.log(theta), pi, known, posterior, answers, truths)
        return Counts(answers.reshape(model.theta.shape), truths, log_likelihood)
    return _sweep(table, np.log(theta), np.log(pi), known, posterior)


def _sweep(table: Table, log_theta: Floats, log_pi: Floats, known: Ints, posterior: Floats) -> Counts:
    answers, log_likelihood = np.zeros_like(log_theta), 0.0
    for tasks, given in _blocks(table):
        joint = given @ log_theta + log_pi
        at = np.flatnonzero(known[tasks] != UNKNOWN)
        certain = known[tasks][at]
        kept = joint[at, certain]
        joint[at] = -np.inf
        joint[at, certain] = kept
        top = joint.max(axis=1, keepdims=True)
        np.exp(joint - top, out=joint)
        total = joint.sum(axis=1, keepdims=True)
        log_likelihood += float(np.log(total).sum() + top.sum())
        np.divide(joint, total, out=posterior[tasks])
        answers += given.T @ posterior[tasks]
    shape = (table.n_workers, table.n_labels, table.n_labels)
    return Counts(answers.reshape(shape), posterior.sum(axis=0), log_likelihood)


def count(table: Table, posterior: Floats) -> Counts:
    """Return the counts that go with a given posterior."""
    answers = np.zeros((table.n_workers * table.n_labels, table.n_labels))
    for tasks, given in _blocks(table):
        answers += given.T @ posterior[tasks]
    shape = (table.n_workers, table.n_labels, table.n_labels)
    return Counts(answers.reshape(shape), posterior.sum(axis=0), np.nan)


def _blocks(table: Table) -> Iterator[tuple[slice, scipy.sparse.csr_matrix]]:
    """Yield slices of the tasks, each with its one-hot matrix of tasks by (worker, given label)."""
    for tasks, rows in table.blocks():
        column = table.worker[rows] * np.int32(table.n_labels) + table.label[rows]
        start = table.start[tasks.start : tasks.stop + 1] - rows.start
        shape = (tasks.stop - tasks.start, table.n_workers * table.n_labels)
        yield tasks, scipy.sparse.csr_matrix((np.ones(len(column)), column, start), shape=shape)
