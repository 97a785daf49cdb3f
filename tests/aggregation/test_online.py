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


def test_nothing_is_asked_where_no_answers_left_could_settle_it_or_change_its_label():
    result = result_of([0.9, 0.9, 0.5], skill=0.6)

    wanted = online.wanted(result, np.array([9, 2, 9]), np.zeros(3, bool), Policy(target=0.99, most=10))

    assert wanted.tolist() == [0, 1, 1]  # of the second eight answers are left, and the last stands at odds


def test_a_higher_target_never_asks_for_less():
    result, nobody = result_of(np.linspace(0.5, 1, 50), skill=0.8), np.zeros(50, bool)

    asked = [
        online.wanted(result, np.full(50, 2), nobody, Policy(target=target, least=2)).sum()
        for target in (0.7, 0.9, 0.98, 0.999, 1.0)
    ]

    assert asked == sorted(asked)


def test_a_target_of_one_comes_to_the_label_of_all_answers():
    full, _ = crowd(n_tasks=300, n_workers=20, n_labels=2, votes=9, accuracy=(0.6, 0.7), seed=3)
    task_place = np.tile(np.arange(9), 300)
    odds = np.log(0.65 / 0.35)
    seen = np.full(300, 2)
    while True:
        bought = task_place < seen[full.task]
        table = Table(full.task[bought], full.worker[bought], full.label[bought], 300, 20, 2)
        lead = table.counts() @ [-1, 1]
        sure = 1 / (1 + np.exp(-np.abs(lead) * odds))
        more = online.ask(sure, seen, np.zeros(300, bool), Policy(target=1, least=2, most=9), accuracy=0.65, labels=2)
        if not more.any():
            break
        seen = seen + more

    assert ((lead > 0) == (full.counts() @ [-1, 1] > 0)).all()
    assert seen.mean() < 8


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

    gold = np.where(np.arange(200) < 12, truth, -1)

    below = online.unwanted(table, dawid_skene.fit(table, gold), gold)

    assert below.tolist() == [False] * 5 + [True]
    for few in (0, 1, 2):  # a crowd that known answers don't bear out judges nobody
        known = np.where(np.arange(200) < few, truth, -1)
        assert not online.unwanted(table, dawid_skene.fit(table, known), known).any()


@pytest.mark.parametrize("golds", [1, 2, 4, 6, 10])
def test_the_few_who_are_not_deceived_are_never_stopped_by_the_many_who_are(golds):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 2, 100)
        task, worker = np.repeat(np.arange(100), 10), np.tile(np.arange(10), 100)
        deceived = (worker < 8) & (task % 2 == 1)
        said = np.where(deceived, 1 - truth[task], truth[task])
        label = np.where(rng.random(1000) < 0.07, 1 - said, said)
        table = Table(task, worker, label, 100, 10, 2)
        gold = np.where(np.arange(100) < golds, truth, -1)

        below = online.unwanted(table, dawid_skene.fit(table, gold), gold)

        assert not below[8:].any()


def test_nobody_is_below_by_what_others_said_for_whom_known_answers_speak():
    known = {"golden": np.array([5, 5]), "gold_right": np.array([4, 1])}

    below = online.below(np.array([0.55, 0.55]), np.array([40, 40]), **known, crowd=0.9, chance=0.5, believed=True)

    assert below.tolist() == [False, True]


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
