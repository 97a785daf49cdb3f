import numpy as np
import pytest

from apps.aggregation import Table, suspicion

HONEST = 12


def crowd(cheat, *, tasks=200, seed=0):
    """Return a table in which the last worker does as `cheat` says: (truth, task) to labels; all answer every task."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, tasks)
    label = np.array([np.where(rng.random(tasks) < 0.8, truth, rng.integers(0, 3, tasks)) for _ in range(HONEST)])
    label = np.vstack([label, cheat(truth, rng)])
    task, worker = np.tile(np.arange(tasks), HONEST + 1), np.repeat(np.arange(HONEST + 1), tasks)
    return Table(task, worker, label.ravel(), tasks, HONEST + 1, 3), truth


def honest(truth, rng):
    return np.where(rng.random(len(truth)) < 0.8, truth, rng.integers(0, 3, len(truth)))


def paces(table, last):
    rng = np.random.default_rng(1)
    return np.exp(rng.normal(2, 0.4, len(table))) * np.where(table.worker == HONEST, last, 1)


def stands_out(score):
    return score[-1] > 4 and (score[:-1] < 3).all()


def test_answers_faster_than_the_crowds_fastest_stand_out():
    table, _ = crowd(honest)

    assert stands_out(suspicion.signs(table, paces(table, 0.2)).fast)
    assert not stands_out(suspicion.signs(table, paces(table, 1)).fast)


def test_one_label_whatever_the_task_stands_out():
    table, _ = crowd(lambda truth, rng: np.zeros(len(truth), int))

    assert stands_out(suspicion.signs(table, paces(table, 1)).constant)


def test_answers_at_chance_stand_out_and_honest_ones_do_not():
    table, _ = crowd(lambda truth, rng: rng.integers(0, 3, len(truth)))

    assert stands_out(suspicion.signs(table, paces(table, 1)).chance)


def test_who_is_right_on_known_tasks_only_stands_out():
    table, truth = crowd(lambda truth, rng: np.where(np.arange(len(truth)) < 30, truth, rng.integers(0, 3, len(truth))))
    known = np.where(np.arange(200) < 30, truth, -1)

    assert stands_out(suspicion.signs(table, paces(table, 1), known).learnt)
    assert (suspicion.signs(table, paces(table, 1)).learnt == 0).all()


def test_two_who_share_their_errors_stand_out_of_all_pairs():
    table, _ = crowd(honest)
    label = table.label.copy()
    mate = label[table.worker == 0]
    label[table.worker == HONEST] = np.where(np.random.default_rng(5).random(200) < 0.9, mate, 0)

    pairs = suspicion.pairs(Table(table.task, table.worker, label, 200, HONEST + 1, 3))

    top = int(np.argmax(pairs.together))
    assert (pairs.first[top], pairs.second[top]) == (0, HONEST)
    assert pairs.together[top] > 6
    assert np.sort(pairs.together)[-2] < 4


def test_pairs_of_few_common_tasks_are_left_out():
    table = Table([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 0, 1, 1, 1], 2, 3, 2)

    assert len(suspicion.pairs(table, fewest=2).first) == 0


@pytest.mark.parametrize("rows", [0, 1])
def test_of_nobody_and_of_one_answer_nothing_is_said(rows):
    table = Table([0][:rows], [0][:rows], [0][:rows], 1, 1, 2)

    signs = suspicion.signs(table, np.ones(rows), np.array([0]))

    for score in (signs.fast, signs.constant, signs.chance, signs.learnt):
        assert score[0] < 1.5
    assert len(suspicion.pairs(table).first) == 0
