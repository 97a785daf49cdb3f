"""Two who give one answer are told from two who are both good, both bad, or in front of the same hard items."""

import numpy as np
import pytest

from apps.aggregation import Table, collusion

WORKERS, TASKS = 14, 600


def crowd(*, seed=0, right=0.8, votes=5, copies=0.0, tasks=TASKS, labels=3):
    """Return a table and its truth; the last worker copies that share of answers of the one before."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    other = (truth + rng.integers(1, labels, (WORKERS, tasks))) % labels
    said = np.where(rng.random((WORKERS, tasks)) < right, truth, other)
    said[-1] = np.where(rng.random(tasks) < copies, said[-2], said[-1])
    given = np.argsort(rng.random((WORKERS, tasks)), axis=0) < votes
    worker, task = np.nonzero(given)
    return Table(task, worker, said[given], tasks, WORKERS, labels), truth


def of(pairs, first, second):
    (row,) = np.flatnonzero((pairs.first == first) & (pairs.second == second))
    return pairs.together[row]


@pytest.mark.parametrize("copies", [0.5, 0.9])
def test_who_copies_stands_out_of_all_pairs(copies):
    table, _ = crowd(copies=copies)

    pairs = collusion.pairs(table)

    assert of(pairs, WORKERS - 2, WORKERS - 1) == pairs.together.max() > 2
    assert np.sort(pairs.together)[-2] < 2


@pytest.mark.parametrize(
    "like", [{"right": 0.7}, {"right": 0.97, "tasks": 80, "labels": 5}, {"right": 0.5, "tasks": 150, "votes": 3}],
    ids=["many answers", "few answers of a crowd that is nearly always right", "few of one that is often wrong"],
)  # fmt: skip
def test_honest_pairs_reach_ten_to_the_n_no_more_often_than_once_in_ten_to_the_n(like):
    found = np.concatenate([collusion.pairs(crowd(seed=seed, **like)[0]).together for seed in range(12)])

    assert len(found) > 900
    assert (found >= 1).mean() <= 0.1
    assert (found >= 2).mean() <= 0.01
    assert (found >= 3).sum() == 0


def test_hard_items_that_mislead_everybody_are_nobodys_fault():
    table, truth = crowd()
    hard = truth == 0
    misled = hard[table.task] & (np.random.default_rng(1).random(len(table)) < 0.45)
    both = Table(table.task, table.worker, np.where(misled, 1, table.label), TASKS, WORKERS, 3)

    assert collusion.pairs(both).together.max() < 3


def test_two_who_always_agree_because_they_are_right_are_not_suspected():
    table, truth = crowd()
    best = table.worker >= WORKERS - 2
    sure = Table(table.task, table.worker, np.where(best, truth[table.task], table.label), TASKS, WORKERS, 3)

    assert of(collusion.pairs(sure), WORKERS - 2, WORKERS - 1) < 2


def test_the_same_wrong_answers_to_gold_tell_where_nobody_else_answered():
    task = np.repeat(np.arange(30), 2)
    truth = np.arange(30) % 3
    alike = np.where(np.arange(30) % 2, truth, (truth + 1) % 3)
    table = Table(task, np.tile([0, 1], 30), np.repeat(alike, 2), 30, 2, 3)

    assert len(collusion.pairs(table).first) == 0
    assert collusion.pairs(table, truth).common.tolist() == [30]


def test_pairs_of_few_common_tasks_are_left_out():
    table = Table([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 0, 1, 1, 1], 2, 3, 2)

    assert len(collusion.pairs(table, fewest=2).first) == 0


@pytest.mark.parametrize("rows", [0, 1])
def test_of_nobody_and_of_one_nothing_is_said(rows):
    table = Table([0][:rows], [0][:rows], [0][:rows], 1, 1, 2)

    assert len(collusion.pairs(table).first) == 0
