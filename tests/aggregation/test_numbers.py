import numpy as np
import pytest

from apps.aggregation import BadTable, numbers, pairs, predictive
from apps.aggregation.numbers import Measurements


def measured(rows):
    """Return measurements from one list of numbers a task, workers counted from 0."""
    task = [t for t, row in enumerate(rows) for _ in row]
    worker = [w for row in rows for w in range(len(row))]
    value = [value for row in rows for value in row]
    return Measurements(np.array(task), np.array(worker), np.array(value), len(rows), max(map(len, rows)))


def test_the_mean_has_the_standard_error_of_a_shared_spread():
    found = numbers.mean(measured([[1.0, 3.0], [5.0, 5.0, 5.0], []]))

    assert found.value.tolist()[:2] == [2.0, 5.0]
    assert np.isnan(found.value[2])
    assert found.error[:2] == pytest.approx([np.sqrt(2 / 3 / 2), np.sqrt(2 / 3 / 3)])


def test_the_median_of_an_even_number_of_answers_lies_between_the_middle_two():
    assert numbers.median(measured([[1.0, 9.0, 2.0, 4.0], [7.0]])).tolist() == [3.0, 7.0]


def test_one_wild_answer_moves_the_robust_mean_little_and_the_mean_much():
    table = measured([[4.9, 5.0, 5.1, 5.0, 1000.0], [1.0, 1.2, 0.8, 1.1, 0.9]])

    assert numbers.mean(table).value[0] > 200
    assert numbers.robust(table).value == pytest.approx([5.05, 1.0], abs=0.07)


def test_without_outliers_the_robust_mean_is_near_the_mean():
    rng = np.random.default_rng(0)
    table = measured(rng.uniform(0, 1, (30, 8)).tolist())

    assert numbers.robust(table).value == pytest.approx(numbers.mean(table).value, abs=0.07)


def test_identical_answers_are_their_own_robust_mean():
    assert numbers.robust(measured([[2.0, 2.0, 2.0], [3.0, 3.0]])).value.tolist() == [2.0, 3.0]


def test_numbers_that_are_none_are_refused():
    with pytest.raises(BadTable, match="finite"):
        measured([[1.0, np.nan]])


def test_a_task_that_a_whole_crowd_answered_is_paired_in_part():
    rows = pairs.within(np.array([0, 3, 5003, 5005]), most=10)

    assert len(rows[0]) == 3 + 45 + 1
    assert ((rows[0] < 3) == (rows[1] < 3)).all()
    assert (rows[0] != rows[1]).all()


def test_the_spread_of_a_whole_crowd_is_told_by_some_of_it():
    rng = np.random.default_rng(0)

    assert numbers.deviation(measured([rng.normal(0, 2, 3000).tolist()])) == pytest.approx(2, rel=0.1)


def test_a_scale_of_which_most_is_nothing_is_measured_and_not_counted():
    """Most emotions are not there: workers who hardly agree say 0 of most of them, and so the same as each other."""
    rng = np.random.default_rng(0)
    strength = rng.beta(0.5, 2.5, 200)[:, None]
    felt = np.where(rng.random((200, 6)) < strength, 10.0 * rng.integers(1, 10, (200, 6)), 0.0)
    exact = rng.integers(0, 5, 200)[:, None] + (rng.random((200, 6)) < 0.1)

    scale, counts = measured(felt.tolist()), measured(exact.astype(float).tolist())

    first, second = pairs.within(scale.start)
    assert (scale.value[first] == scale.value[second]).mean() > 0.5
    assert not numbers.are_counted(scale)
    assert numbers.are_counted(counts)
    told = [np.corrcoef(value, strength[:, 0])[0, 1] for value in (numbers.mean(scale).value, numbers.median(scale))]
    assert told[0] > told[1] + 0.1


@pytest.mark.parametrize("of", [numbers.mean, numbers.robust])
def test_of_answers_that_no_second_one_bears_out_no_error_is_known(of):
    alone, agreed = of(measured([[1.0], [3.0]])), of(measured([[0.1, 0.1, 0.1], [3.0]]))

    assert np.isnan(alone.error).all()
    assert agreed.error[0] == 0.0
    assert np.isnan(agreed.error[1])


@pytest.mark.parametrize("same", [[12.5, 12.5], [0.1, 0.1, 0.1]])  # three tenths by three is not quite a tenth
def test_how_far_a_lone_answer_is_off_is_not_told_by_others_that_agree(same):
    table = measured([same, [7.1]])

    off = predictive.of(table, numbers.mean(table).value)

    assert off.distance()[0] == 0.0
    assert np.isnan(off.distance()[1])
    assert np.isnan(off.between(np.array([-1.0, -1.0]), np.array([1.0, 1.0]))[1])


def test_numbers_are_counted_where_enough_pairs_say_so():
    """Of any so many tasks with two answers that agree, as prices do, which few pairs of measurements do by chance."""
    few, several = (numbers.are_counted(measured([[float(t)] * 2 for t in range(tasks)])) for tasks in (3, 12))
    half = numbers.are_counted(measured([[float(t), t + t % 2 / 2] for t in range(200)]))

    assert (few, several, half) == (False, True, False)
