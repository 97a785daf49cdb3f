"""What agreement costs does not grow with the square of anything: neither its time nor its memory."""

import tracemalloc

import numpy as np
import pytest

from apps.aggregation import Table, agreement, pairs
from apps.aggregation.agreement.distance import MOST
from apps.aggregation.answers import Answers
from apps.aggregation.numbers import Measurements


def crowded(answers: int, seed: int = 0) -> Answers[float]:
    """Return a task that so many answered, between two that a few did."""
    votes = np.array([4, answers, 3])
    task = np.repeat(np.arange(3), votes)
    worker = np.concatenate([np.arange(number) for number in votes])
    given = np.random.default_rng(seed).random(len(task)) + task
    return Answers(task, worker, given.tolist(), 3, answers)


def apart(one: float, other: float) -> float:
    return min(abs(one - other), 1.0)


@pytest.mark.parametrize("measure", [agreement.alpha_by_distance, agreement.pairwise])
def test_a_task_that_a_whole_crowd_answered_is_not_compared_answer_by_answer(measure):
    compared = []

    measure(crowded(2000), lambda x, y: compared.append(0) or apart(x, y))

    assert len(compared) < 2 * MOST


def test_some_pairs_of_a_large_task_say_nearly_what_all_of_them_say():
    votes, lot = np.array([4, 600, 3]), np.random.default_rng(0)
    task, worker = np.repeat(np.arange(3), votes), np.concatenate([np.arange(number) for number in votes])
    label = np.where(lot.random(len(task)) < 0.6, task, lot.integers(0, 3, len(task)))
    table, answers = Table(task, worker, label, 3, 600, 3), Answers(task, worker, label.tolist(), 3, 600)

    by_pairs = agreement.pairwise(answers, lambda x, y: float(x == y)).value
    by_distance = agreement.alpha_by_distance(answers, lambda x, y: float(x != y)).value

    assert by_pairs == pytest.approx(agreement.percent(table).value, abs=0.01)
    assert by_distance == pytest.approx(agreement.alpha(table).value, abs=0.02)


def test_pairs_that_are_drawn_are_of_one_task_and_of_two_answers():
    start = np.array([0, 1, 1, 5, 1005, 1007])

    first, second = pairs.sampled(start, 3000)

    task = np.repeat(np.arange(5), np.diff(start))
    assert (first != second).all()
    assert (task[first] == task[second]).all()
    assert len({frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}) == len(first)
    assert np.bincount(task[first]).tolist() == [0, 0, 6, 3000, 1]


def peak(measure) -> float:
    tracemalloc.start()
    try:
        measure()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_pairs_or_with_labels():
    task = np.repeat(np.arange(250), 2)
    texts = Answers(task, np.tile([0, 1], 250), np.random.default_rng(0).random(500).tolist(), 250, 2)
    task = np.repeat(np.arange(300), 60)
    value = np.random.default_rng(0).random(len(task))
    numbers = Measurements(task, np.tile(np.arange(60), 300), value, 300, 60)

    by_pairs = peak(lambda: agreement.alpha_by_distance(texts, apart))
    by_labels = peak(lambda: agreement.alpha_of_numbers(numbers, "ordinal"))

    assert by_pairs < 100
    assert by_labels < 300
