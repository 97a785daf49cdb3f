import numpy as np
import pytest
import scipy

from apps.aggregation import Table, habits, suspicion

HONEST = 12
SIGNS = ("fast", "constant", "chance", "learnt")


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


@pytest.mark.parametrize("rows", [0, 1])
def test_of_nobody_and_of_one_answer_nothing_is_said(rows):
    table = Table([0][:rows], [0][:rows], [0][:rows], 1, 1, 2)

    signs = suspicion.signs(table, np.ones(rows), np.array([0]))

    for score in (signs.fast, signs.constant, signs.chance, signs.learnt):
        assert score[0] < 1.5


def uneven(seed, *, labels, planted=None, workers=150, tasks=600):
    """Return a crowd of whom some answer much and most little, asked for a class that 3 % of the items have."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(labels, tasks, p=[*[0.97 / (labels - 1)] * (labels - 1), 0.03])
    eager = np.log(rng.lognormal(0, 1, workers))
    if planted is not None:
        eager[planted] = 1.0
    worker = np.argsort(eager + rng.gumbel(size=(tasks, workers)), axis=1)[:, -5:].ravel()
    task = np.repeat(np.arange(tasks), 5)
    wrong = (truth[task] + rng.integers(1, labels, len(task))) % labels
    label = np.where(rng.random(len(task)) < rng.uniform(0.85, 0.97, workers)[worker], truth[task], wrong)
    log_seconds = rng.normal(2.5, 0.4, workers)[worker] + rng.normal(0, 0.5, len(task))
    known = np.where(rng.random(tasks) < 0.1, truth, -1)
    if planted is not None:
        label = np.where(worker == planted, labels - 1, label)
        log_seconds -= 2.5 * (worker == planted)
    order = np.lexsort((worker, task))
    return Table(task, worker, label, tasks, workers, labels), np.exp(log_seconds)[order], known


def test_of_ten_honest_crowds_one_at_most_shows_a_sign_however_little_some_answer_and_however_rare_a_class():
    """At the page's threshold, each sign by itself."""
    crowds, shown = 60, dict.fromkeys(SIGNS, 0)

    for seed in range(crowds):
        signs = suspicion.signs(*uneven(seed, labels=2 + seed % 2))
        for sign in SIGNS:
            shown[sign] += bool((getattr(signs, sign) >= suspicion.threshold(150)).any())

    assert max(shown.values()) <= suspicion.ALARM * crowds / 10, shown


def test_who_says_the_rare_class_of_everything_at_once_stands_out_of_an_uneven_crowd():
    for seed in range(5):
        signs = suspicion.signs(*uneven(seed, labels=3, planted=7))

        for score in (signs.fast, signs.constant):
            assert score.argmax() == 7
            assert score[7] > suspicion.threshold(150)


def test_a_worker_of_few_answers_has_neither_a_pace_nor_a_habit():
    """One says, at once, of nine items what the four others don't; of a tenth too, and it shows."""
    rng = np.random.default_rng(2)
    for few in (1, 9, 10):
        given = [(task, worker, 0) for task in range(100) for worker in range(4)]
        table = Table(*np.array([*given, *((task, 4, 1) for task in range(few))]).T, 100, 5, 2)

        signs = suspicion.signs(table, np.where(table.worker == 4, 0.01, np.exp(rng.normal(2, 0.5, len(table)))))

        assert (signs.fast[4] > 0) == (signs.constant[4] > 0) == (few == 10)


@pytest.mark.parametrize("rare", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("answers", [10, 60])
def test_the_tail_of_what_is_said_is_scipys_poisson_binomial_where_habits_do_not_differ(answers, rare, monkeypatch):
    chance = np.random.default_rng(0).beta(0.5, 0.5 / rare * (1 - rare), answers).clip(1e-4, 0.99)
    monkeypatch.setattr(habits, "EVEN", 1e-6)
    monkeypatch.setattr(habits, "freedom", lambda workers: 1e6)
    exact = scipy.stats.poisson_binom(chance).pmf(np.arange(answers + 1))[::-1].cumsum()[::-1]

    for said in range(1, answers + 1):
        tail = habits.tails(np.zeros(answers, int), chance, np.array([said]), 1)[0]
        if tail < 1 and exact[said] > 1e-9:
            assert 0.8 * exact[said] < tail < 3 * exact[said]
