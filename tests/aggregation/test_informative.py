"""Whether answers tell anything at all: the same as by its formula written out, of few tasks as of many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.aggregation import Table, evidence


def plain(table: Table, known) -> float:
    """Return w by the formula of the module, for each task, label and λ."""
    m = (np.bincount(table.label, minlength=table.n_labels) + 1) / (len(table) + table.n_labels)
    odds = []
    for root in evidence.ROOTS:
        log = 0.0
        for task in range(table.n_tasks):
            labels = table.label[table.task == task]
            of = [np.prod((1 - root**2) + root**2 * (labels == k) / m[k]) for k in range(table.n_labels)]
            log += np.log(m @ of if known[task] < 0 else of[known[task]])
        odds.append(np.exp(log) * 2 * root)
    return np.mean(odds) / (np.mean(odds) + 1)


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_it_is_the_formula_written_out(seed, labels):
    rng = np.random.default_rng(seed)
    task, worker = np.nonzero(rng.random((6, 4)) < 0.6)
    table = Table(task, worker, rng.integers(0, labels, len(task)), 6, 4, labels)
    known = np.where(rng.random(6) < 0.3, rng.integers(0, labels, 6), -1)

    assert evidence.informative(table, known) == pytest.approx(plain(table, known), rel=1e-9)


@pytest.mark.parametrize("tasks", [19_998, 60_000])
def test_that_every_third_task_was_answered_once_hides_nothing_however_many_they_are(tasks):
    rng = np.random.default_rng(1)
    task = np.repeat(np.arange(tasks), np.where(np.arange(tasks) % 3, 3, 1))
    worker = np.arange(len(task)) - np.searchsorted(task, task)
    label = np.where(rng.random(len(task)) < 0.9, task % 2, 1 - task % 2)

    assert evidence.informative(Table(task, worker, label, tasks, 3, 2), np.full(tasks, -1)) > 1 - 1e-9
