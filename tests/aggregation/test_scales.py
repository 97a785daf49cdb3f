"""Numbers with weights, labels on a scale, and several labels to an item."""

import numpy as np
import pytest

from apps.aggregation import BadTable, Table, dawid_skene, majority, multilabel, numbers, ordinal, precision
from apps.aggregation.numbers import Measurements


def test_steady_workers_count_more():
    rng = np.random.default_rng(0)
    truth, spread = rng.normal(0, 5, 200), np.array([0.2, 0.2, 4.0, 4.0, 4.0])
    task, worker = np.repeat(np.arange(200), 5), np.tile(np.arange(5), 200)
    table = Measurements(task, worker, truth[task] + rng.normal(0, spread[worker]), 200, 5)

    found = precision.fit(table)

    assert np.abs(found.value - truth).mean() < 0.3 * np.abs(numbers.mean(table).value - truth).mean()
    assert found.precision[:2].min() > 10 * found.precision[2:].max()
    assert (np.abs(found.value - truth) < 2 * found.error).mean() > 0.85


def test_with_nothing_to_tell_workers_apart_it_is_the_mean():
    table = Measurements([0, 0, 1, 1], [0, 1, 2, 3], [1.0, 3.0, 5.0, 7.0], 3, 4)

    found = precision.fit(table)

    assert found.value[:2] == pytest.approx([2.0, 6.0])
    assert np.isnan(found.value[2])


def test_identical_numbers_need_no_weights():
    assert precision.fit(Measurements([0, 0], [0, 1], [4.0, 4.0], 1, 2)).value.tolist() == [4.0]


def scale(seed=0, n=400):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, n)
    task, worker = np.repeat(np.arange(n), 4), rng.permuted(np.tile(np.arange(60), (n, 1)), axis=1)[:, :4].ravel()
    label = np.clip(truth[task] + rng.choice([-1, 0, 1], 4 * n, p=[0.25, 0.5, 0.25]), 0, 4)
    return Table(task, worker, label, n, 60, 5), truth


def test_a_scale_is_read_better_by_a_model_that_expects_near_misses():
    errors = {"ordinal": [], "plain": [], "majority": []}
    for seed in range(4):
        table, truth = scale(seed)
        errors["ordinal"].append(np.abs(ordinal.fit(table).label - truth).mean())
        errors["plain"].append(np.abs(dawid_skene.fit(table).label - truth).mean())
        errors["majority"].append(np.abs(majority.fit(table).label - truth).mean())

    assert np.mean(errors["ordinal"]) < 0.7 * np.mean(errors["plain"])
    assert np.mean(errors["ordinal"]) < 0.7 * np.mean(errors["majority"])


def test_a_worker_who_is_always_a_step_too_high_is_read_a_step_lower():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 200)
    task, worker = np.repeat(np.arange(200), 4), np.tile(np.arange(4), 200)
    seen = truth[task] + (worker == 3) + (rng.random(800) < 0.1)
    table = Table(task, worker, np.clip(seen, 0, 4), 200, 4, 5)

    found = ordinal.fit(table)

    assert (found.label == truth).mean() > 0.97
    assert found.diagnostics.confusion[3, 2].argmax() == 3


def with_spammers(points, spam, seed, n=300, workers=20, votes=5):
    """Honest workers with a spread of a twelfth of the scale, and some who do not look at the task."""
    rng = np.random.default_rng(seed)
    truth = np.clip(rng.normal((points - 1) / 2, points / 5, n).round(), 0, points - 1).astype(int)
    task, worker = np.repeat(np.arange(n), votes), rng.permuted(np.tile(np.arange(workers), (n, 1)), axis=1)
    worker = worker[:, :votes].ravel()
    label = np.clip((truth[task] + rng.normal(0, points / 12, len(task))).round(), 0, points - 1).astype(int)
    label = np.where(worker < spam.get("top", 0), points - 1, label)
    label = np.where(worker >= workers - spam.get("random", 0), rng.integers(0, points, len(task)), label)
    return Table(task, worker, label, n, workers, points), truth


@pytest.mark.parametrize("points", [5, 7, 11, 21])
@pytest.mark.parametrize(
    ("spam", "at_most"),
    [({}, 1.1), ({"top": 4}, 0.8), ({"top": 6}, 0.8), ({"random": 7}, 0.85), ({"top": 3, "random": 3}, 0.8)],
)
def test_workers_who_ignore_the_task_move_a_scale_less_than_they_move_the_median_of_votes(points, spam, at_most):
    table, truth = with_spammers(points, spam, seed=0)

    ours = np.abs(ordinal.fit(table).label - truth).mean()

    votes = np.abs(ordinal.median(majority.fit(table).posterior) - truth).mean()
    assert ours <= at_most * votes + 0.02


def test_shifts_are_shares_of_the_scale():
    """Two of five are lenient by five points of twenty-one."""
    rng = np.random.default_rng(0)
    truth, lenient = rng.integers(0, 16, 300), np.array([0, 0, 0, 5, 5])
    task, worker = np.repeat(np.arange(300), 5), np.tile(np.arange(5), 300)
    label = np.clip((truth[task] + lenient[worker] + rng.normal(0, 1, 1500)).round(), 0, 20).astype(int)
    table = Table(task, worker, label, 300, 5, 21)

    found = ordinal.fit(table)

    assert np.abs(found.label - truth).mean() < np.abs(ordinal.median(majority.fit(table).posterior) - truth).mean()


def test_no_model_of_a_scale_overrules_four_votes_in_five():
    table = Table([0] * 5 + [1] * 5, list(range(5)) * 2, [4, 4, 4, 4, 0, 4, 4, 4, 4, 1], 2, 5, 5)

    assert ordinal.fit(table).label.tolist() == [4, 4]


@pytest.mark.parametrize("labels", [1, 2, 5])
def test_a_scale_on_which_nobody_answered_is_allowed(labels):
    assert ordinal.fit(Table([], [], [], 2, 0, labels)).posterior == pytest.approx(1 / labels)


def test_the_objective_of_a_scale_never_falls_and_known_labels_stay():
    table, _ = scale()

    found = ordinal.fit(table, known={0: 4, 1: 0})

    assert found.label[:2].tolist() == [4, 0]
    assert (np.diff(found.diagnostics.objective) > -1e-9 * len(table)).all()


def test_the_median_is_the_label_in_the_middle():
    assert ordinal.median(np.array([[0.4, 0.2, 0.4], [0.5, 0.5, 0.0], [0.1, 0.1, 0.8]])).tolist() == [1, 0, 2]


def test_each_label_is_a_question_of_its_own():
    rng = np.random.default_rng(0)
    truth = rng.random((100, 3)) < 0.4
    task, worker = np.repeat(np.arange(100), 5), np.tile(np.arange(5), 100)
    overlooked = (worker[:, None] < 3) & (np.arange(3) == 2) & (rng.random((500, 3)) < 0.7)
    given = truth[task] & ~overlooked & (rng.random((500, 3)) > 0.05)

    found = multilabel.fit(task, worker, given, 100, 5)

    assert (found.chosen == truth).mean() > 0.97
    assert found.skill[:3, 2].max() < found.skill[3:, 2].min()


def test_known_sets_of_labels_stay():
    found = multilabel.fit([0, 0], [0, 1], [[1, 0], [1, 0]], 1, 2, known={0: [0, 1]})

    assert found.chosen.tolist() == [[False, True]]


def test_a_row_of_labels_is_needed_for_each_answer():
    with pytest.raises(BadTable, match="a row for each of 2 answers"):
        multilabel.fit([0, 0], [0, 1], [[1, 0]], 1, 2)
