import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import Table, dawid_skene, majority, online, replay
from apps.aggregation.online import Policy


def test_fixed_redundancy_buys_so_many_answers_of_each_task():
    table, _ = crowd(n_tasks=50, votes=6)

    outcome = replay.fixed(table, 4, method=majority.fit)

    assert outcome.bought == 200
    assert outcome.bill == 200


def test_stopping_early_saves_answers_at_the_same_accuracy():
    table, truth = crowd(n_tasks=300, n_workers=20, n_labels=2, votes=10, accuracy=(0.55, 0.95), seed=7)

    outcome = replay.adaptive(table, Policy(target=0.97), truth=truth, gold_share=0.1)

    fixed = replay.fixed(table, 10, method=majority.fit)
    judged = outcome.judged
    right = (outcome.result.label == truth)[judged].mean()
    assert right >= (fixed.result.label == truth)[judged].mean() - 0.015
    assert outcome.bill < 0.6 * fixed.bill
    assert judged.sum() == 270


def test_every_control_answer_that_the_model_learns_from_is_on_the_bill():
    table, truth = crowd(n_tasks=200, n_workers=20, n_labels=2, votes=10, accuracy=(0.55, 0.95), seed=7)
    seen = []

    def spy(so_far, known):
        seen.append((int(so_far.votes.sum()), int(so_far.votes[known >= 0].sum())))
        return dawid_skene.fit(so_far, known)

    outcome = replay.adaptive(table, Policy(), truth=truth, gold_share=0.1, method=spy)

    assert seen[-1] == (outcome.bill, outcome.control)
    assert outcome.control / outcome.bill == pytest.approx(0.1, abs=0.01)


def test_of_a_worker_who_is_no_longer_wanted_nothing_more_is_bought():
    table, truth = crowd(n_tasks=200, n_workers=12, n_labels=2, votes=8, accuracy=(0.8, 0.95), seed=7)
    label = np.where(table.worker == 3, 1 - truth[table.task], table.label)
    table = Table(table.task, table.worker, label, table.n_tasks, table.n_workers, 2)
    rounds = []

    def spy(so_far, known):
        result = dawid_skene.fit(so_far, known)
        given = np.bincount(so_far.worker[known[so_far.task] < 0], minlength=12)
        rounds.append((given, online.unwanted(so_far, result, known)))
        return result

    replay.adaptive(table, Policy(target=1.0, most=8), truth=truth, gold_share=0.3, method=spy)

    first = next(number for number, (_, unwanted) in enumerate(rounds) if unwanted[3])
    assert first < len(rounds) - 1
    assert rounds[first][0][3] == rounds[-1][0][3]
    assert rounds[first][0].sum() < rounds[-1][0].sum()


def test_without_gold_nothing_is_asked_on_the_side():
    table, truth = crowd(n_tasks=40, votes=6)

    outcome = replay.adaptive(table, Policy(), truth=truth, gold_share=0.0)

    assert outcome.control == 0
    assert outcome.judged.all()


def test_with_a_full_share_of_one_everything_is_bought_up_to_the_most():
    table, _ = crowd(n_tasks=40, votes=6)

    assert replay.adaptive(table, Policy(most=5, full_share=1)).bought == 200


def test_a_policy_never_buys_less_than_its_least_nor_more_than_there_is():
    table, _ = crowd(n_tasks=40, votes=3)

    eager = replay.adaptive(table, Policy(target=0.1, least=2, full_share=0))
    never_sure = replay.adaptive(table, Policy(target=1.0, least=3, most=10))

    assert eager.bought == 80
    assert never_sure.bought == 120


def test_the_same_seed_buys_the_same_answers():
    table, _ = crowd(n_tasks=60, votes=6)

    first, second = (replay.adaptive(table, Policy(), seed=3, method=dawid_skene.fit) for _ in range(2))

    assert (first.result.posterior == second.result.posterior).all()
    assert first.bought == second.bought
