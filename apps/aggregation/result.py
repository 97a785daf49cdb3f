"""What every categorical algorithm returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import Floats, Ints, ratio
from .table import UNKNOWN

TIE = 1e-9


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
    posterior: (n_tasks, n_labels), rows sum to 1.
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
        chosen: Floats = np.take_along_axis(self.posterior, self.label[:, None], axis=1)[:, 0]
        return chosen


def decide(posterior: Floats) -> Ints:
    """Return each row's likeliest label.

    Labels closer than 1e-9 count as equally likely: sums of the same numbers in another order must not decide a tie.

    >>> decide(np.array([[0.5, 0.5], [0.3, 0.7]])).tolist()
    [0, 1]
    """
    best = posterior[:, 0].copy()
    label = np.zeros(len(posterior), dtype=np.int32)
    for code in range(1, posterior.shape[1]):
        better = posterior[:, code] > best + TIE
        label[better] = code
        np.maximum(best, posterior[:, code], out=best)
    return label


def shares(sums: Floats, known: Ints) -> Floats:
    """Return rows of `sums` scaled to 1, uniform where all are 0, and certain where the label is known."""
    posterior = ratio(sums, sums.sum(axis=1, keepdims=True), otherwise=1 / sums.shape[1])
    at = np.flatnonzero(known != UNKNOWN)
    posterior[at] = 0.0
    posterior[at, known[at]] = 1.0
    return posterior
