import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import Table, dawid_skene, majority, online
from apps.aggregation.online import Policy
from apps.aggregation.result import Diagnostics, Result, decide


def result_of(confidence, skill=0.8):
    posterior = np.array([[c, 1 - c] for c in confidence])
    return Result(posterior, decide(posterior), np.full(5, skill), Diagnostics("given"))


def test_only_doubtful_tasks_are_asked_again_and_new_ones_get_their_least():
    result = result_of([0.99, 0.9, 0.5, 0.5])
    nobody = np.zeros(4, bool)

    wanted = online.wanted(result, np.array([2, 2, 0, 10]), nobody, Policy(target=0.98, least=2, most=10))

    assert wanted.tolist() == [0, 1, 2, 0]


def test_the_random_share_is_asked_to_the_full_whatever_its_confidence():
    wanted = online.wanted(result_of([0.999]), np.array([3]), np.array([True]), Policy(most=8))

    assert wanted.tolist() == [5]


def test_nothing_is_asked_where_no_answers_left_could_settle_it():
    result = result_of([0.5, 0.5], skill=0.6)

    wanted = online.wanted(result, np.array([9, 2]), np.zeros(2, bool), Policy(target=0.99, most=10))

    assert wanted.tolist() == [0, 0]
    assert online.wanted(result, np.array([2, 2]), np.zeros(2, bool), Policy(target=0.8, most=10)).tolist() == [1, 1]


def test_the_random_share_is_about_as_large_as_asked():
    assert online.draw_full(20_000, 0.05, seed=1).mean() == pytest.approx(0.05, abs=0.005)


def test_workers_near_chance_are_not_asked_again_and_new_ones_are():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 200)
    task, worker = np.repeat(np.arange(200), 6), np.tile(np.arange(6), 200)
    right = rng.random(1200) < np.where(worker == 5, 0.5, 0.9)
    keep = (worker != 4) | (task < 5)
    label = np.where(right, truth[task], 1 - truth[task])
    table = Table(task[keep], worker[keep], label[keep], 200, 6, 2)

    below = online.unwanted(table, dawid_skene.fit(table))

    assert below.tolist() == [False] * 5 + [True]


def test_gold_judges_alone_where_there_is_enough_of_it():
    """Most share an error, so agreement praises them; gold does not."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 100)
    task, worker = np.repeat(np.arange(100), 5), np.tile(np.arange(5), 100)
    label = np.where(worker < 3, 1 - truth[task], truth[task])
    label = np.where(rng.random(500) < 0.05, 1 - label, label)
    table = Table(task, worker, label, 100, 5, 2)
    gold = np.where(np.arange(100) < 20, truth, -1)

    below = online.unwanted(table, dawid_skene.fit(table, gold), gold)

    assert below.tolist() == [True, True, True, False, False]


def test_a_crowd_answering_one_by_one_reaches_the_accuracy_of_many_votes_with_fewer():
    full, truth = crowd(n_tasks=300, n_workers=20, n_labels=2, votes=10, accuracy=(0.55, 0.95), seed=7)
    policy = Policy(target=0.97, least=2, most=10)
    place = np.concatenate([np.random.default_rng(t).permutation(10) for t in range(300)])
    bought, fit = place < policy.least, None
    for _ in range(10):
        table = Table(full.task[bought], full.worker[bought], full.label[bought], 300, 20, 2)
        fit = dawid_skene.fit(table)
        wanted = online.wanted(fit, table.votes, online.draw_full(300, 0.05, 0), policy)
        bought = place < (table.votes + wanted)[full.task]

    all_by_majority = (majority.fit(full).label == truth).mean()
    assert (fit.label == truth).mean() >= all_by_majority - 0.01
    assert bought.sum() < 0.6 * len(full)


@pytest.mark.parametrize(
    ("options", "because"),
    [({"target": 1.5}, "target"), ({"least": 5, "most": 3}, "least and most"), ({"full_share": 2}, "full_share")],
)
def test_policies_that_make_no_sense_are_refused(options, because):
    with pytest.raises(ValueError, match=because):
        Policy(**options)
