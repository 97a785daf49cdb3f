"""What every categorical algorithm returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from .arrays import Floats, Ints, ratio
from .table import UNKNOWN

TIE = 1e-9


def of_labels(posterior: Any, label: Ints) -> Floats:
    """Return the posterior of each task's label, shape (n_tasks,); it may be sparse.

    >>> of_labels(np.array([[0.2, 0.8], [1.0, 0.0]]), np.array([1, 0])).tolist()
    [0.8, 1.0]
    """
    if scipy.sparse.issparse(posterior):
        return np.asarray(posterior[np.arange(len(label)), label]).ravel()
    chosen: Floats = np.take_along_axis(posterior, label[:, None], axis=1)[:, 0]
    return chosen


@dataclass(frozen=True, eq=False)
class Diagnostics:
    """How the answer came about; `objective` is what the algorithm increases, one value an iteration."""

    method: str
    iterations: int = 0
    converged: bool = True
    objective: tuple[float, ...] = ()
    prior: Floats | None = None  # (n_labels,) share of each true label
    confusion: Floats | None = None  # (n_workers, true label, given label); rows sum to 1


@dataclass(frozen=True, eq=False)
class Result:
    """Args:
    posterior: (n_tasks, n_labels), rows sum to 1; a sparse matrix where the table is wide (`Table.is_wide`).
    label: (n_tasks,) the likeliest label, the lowest code where several are equally likely.
    skill: (n_workers,) expected accuracy; nan for a worker of whom nothing is known.
    sure: (n_tasks,) how sure each label is, where the posterior does not say so; see `alone`.
    """

    posterior: Floats
    label: Ints
    skill: Floats
    diagnostics: Diagnostics
    sure: Floats | None = None

    @cached_property
    def confidence(self) -> Floats:
        """How sure each task's label is, by default its posterior, shape (n_tasks,)."""
        if self.sure is not None:
            return self.sure
        return of_labels(self.posterior, self.label)


def decide(posterior: Floats) -> Ints:
    """Return each row's likeliest label.

    Labels closer than 1e-9 count as equally likely: sums of the same numbers in another order must not decide a tie.

    >>> decide(np.array([[0.5, 0.5], [0.3, 0.7]])).tolist()
    [0, 1]
    """
    if scipy.sparse.issparse(posterior):
        return _decide_wide(posterior)
    best = posterior[:, 0].copy()
    label = np.zeros(len(posterior), dtype=np.int32)
    for code in range(1, posterior.shape[1]):
        better = posterior[:, code] > best + TIE
        label[better] = code
        np.maximum(best, posterior[:, code], out=best)
    return label


def shares(sums: Floats, known: Ints) -> Floats:
    """Return rows of `sums` scaled to 1, uniform where all are 0, and certain where the label is known.

    They are scaled where they are, unless sparse: of a large table a second copy is most of what a fit takes.
    """
    if scipy.sparse.issparse(sums):
        wide: Floats = _shares_wide(sums, known)
        return wide
    total = sums.sum(axis=1, keepdims=True)
    np.divide(sums, total, out=sums, where=total > 0)
    sums[total[:, 0] <= 0] = 1 / sums.shape[1]
    at = np.flatnonzero(known != UNKNOWN)
    sums[at] = 0.0
    sums[at, known[at]] = 1.0
    return sums


def _decide_wide(posterior: Any) -> Ints:
    """Do what `decide` does: look at each row's filled cells in turn, those of all rows side by side."""
    filled = np.diff(posterior.indptr)
    best = np.zeros(len(filled))
    label = np.zeros(len(filled), dtype=np.int32)
    for turn in range(int(filled.max(initial=0))):
        row = np.flatnonzero(filled > turn)
        at = posterior.indptr[row] + turn
        code, value = posterior.indices[at], posterior.data[at]
        better = (value > best[row] + TIE) | (code == 0)
        label[row[better]] = code[better]
        best[row] = np.maximum(best[row], value)
    return label


def _shares_wide(sums: Any, known: Ints) -> Any:
    """Do what `shares` does, but that rows without an answer stay empty."""
    total = np.asarray(sums.sum(axis=1)).ravel()
    scaled = scipy.sparse.diags(ratio(np.ones(len(total)), total, otherwise=0.0) * (known == UNKNOWN)) @ sums
    at = np.flatnonzero(known != UNKNOWN)
    certain = scipy.sparse.csr_matrix((np.ones(len(at)), (at, known[at])), shape=sums.shape)
    posterior = (scaled + certain).tocsr()
    posterior.eliminate_zeros()
    posterior.sort_indices()
    return posterior
