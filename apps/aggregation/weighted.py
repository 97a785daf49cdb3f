"""Weighted vote: each worker votes with the share of their answers that agree with the majority.

    s[w] = (answers of w that equal the majority + 1/K) / (answers of w + 1)        1/n credit where n labels tie
    p(t = k) ∝ Σ over answers (w, k) to t of s[w]

Known as Worker Agreement With Aggregate (Wawa). The one fraction of an answer keeps a worker with few answers from
counting nothing, or as much as one who proved it. Confidence is the share of the weight, of a lone answer that of
`alone`.

Appen (Figure Eight), Calculating worker agreement with aggregate, 2016; Ustalov, Pavlichenko, Tseitlin: Learning from
crowds with Crowd-Kit. Journal of Open Source Software 9, 2024.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy

from . import alone
from .arrays import Floats, ratio
from .result import TIE, Diagnostics, Result, decide, shares
from .table import Known, Table


def fit(table: Table, known: Known | None = None) -> Result:
    """Return the label with the greatest weight; the posterior is the share of the weight.

    >>> task, worker, label = [0, 0, 0, 1, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1], [1, 1, 0, 0, 1, 0, 0, 1]
    >>> fit(Table(task, worker, label, n_tasks=3, n_workers=3, n_labels=2)).label.tolist()
    [1, 0, 0]
    """
    clamped = table.clamp(known)
    credit = _credit(shares(table.counts(), clamped), table)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    agreed = np.bincount(table.worker, credit, minlength=table.n_workers)
    weight = (agreed + 1 / table.n_labels) / (answers + 1)
    posterior = shares(table.counts(weight), clamped)
    label = decide(posterior)
    sure = alone.of_votes(table, posterior, label, clamped)
    return Result(posterior, label, ratio(weight, answers > 0), Diagnostics("weighted"), sure)


def _credit(votes: Any, table: Table) -> Floats:
    """Return how far each answer equals the majority, 1/n where n labels tie and it is one of them."""
    if not scipy.sparse.issparse(votes):
        first = votes > votes.max(axis=1, keepdims=True) - TIE
        shared: Floats = (first / first.sum(axis=1, keepdims=True))[table.task, table.label]
        return shared
    most = np.asarray(votes.max(axis=1).todense()).ravel()
    leads = votes.data > np.repeat(most, np.diff(votes.indptr)) - TIE
    tied = np.bincount(np.repeat(np.arange(table.n_tasks), np.diff(votes.indptr)), leads, minlength=table.n_tasks)
    own = np.asarray(votes[table.task, table.label]).ravel()
    return np.where((own > 0) & (own > most[table.task] - TIE), ratio(np.ones(len(tied)), tied)[table.task], 0.0)
