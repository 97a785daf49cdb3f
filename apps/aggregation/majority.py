"""Majority vote: the label that most workers gave, the lowest code on a tie.

    p(t = k) = n[t, k] / n[t]        label = argmax over k of n[t, k]        n[t, k]: answers to task t that are k
    skill[w] = answers of w that are their tasks' labels / answers of w

The posterior is the share of votes, no probability of being right. So is confidence, but of a lone vote, which is no
more certain than others were right (`alone`).
"""

from __future__ import annotations

import numpy as np

from . import alone, fast
from .arrays import Code, Floats, Ints, ratio
from .result import Diagnostics, Result, decide, shares
from .table import Known, Table


def fit(table: Table, known: Known | None = None) -> Result:
    """Return each task's most frequent label.

    >>> table = Table(task=[0, 0, 0], worker=[0, 1, 2], label=[1, 1, 0], n_tasks=1, n_workers=3, n_labels=2)
    >>> fit(table).label.tolist(), fit(table).confidence.round(3).tolist()
    ([1], [0.667])
    """
    clamped = table.clamp(known)
    compiled = None if table.is_wide else fast.loaded(table.n_labels)
    label: Ints = np.empty(table.n_tasks, dtype=Code)
    if compiled:
        posterior = np.empty((table.n_tasks, table.n_labels))
        agreed, answered = np.zeros(table.n_workers), np.zeros(table.n_workers)
        compiled.vote(table.start, table.worker, table.label, clamped, posterior, label, agreed, answered)
        skill = ratio(agreed, answered)
    else:
        posterior = shares(table.counts(), clamped)
        label = decide(posterior)
        skill = agreement_with(label, table)
    sure = alone.of_votes(table, posterior, label, clamped)
    return Result(posterior, label, skill, Diagnostics("majority"), sure)


def agreement_with(label: Ints, table: Table) -> Floats:
    """Return the share of each worker's answers that equal the tasks' labels, nan without answers: (n_workers,)."""
    agreed = np.bincount(table.worker, label[table.task] == table.label, minlength=table.n_workers)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    return ratio(agreed, answers)
