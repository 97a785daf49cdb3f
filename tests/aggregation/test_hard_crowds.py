"""The default method as a safety net: crowds of the shapes on which single models are known to collapse."""

import numpy as np
import pytest

from apps.aggregation import Table, evidence
from apps.aggregation.methods import DEFAULT, METHODS
from tests.aggregation.crowds import crowd

# Shares of the classes; of each class' tasks, how many are hard; how far workers lean to labels of their own.
SHAPES = {
    "a common class whose tasks are hard": {"prior": (0.2, 0.8), "hard": (0.05, 0.3), "lean": 0.5},
    "a tenth of one class and strong leanings": {"prior": (0.9, 0.1), "hard": (0.2, 0.2), "lean": 1.0, "votes": (5, 6)},
    "hundreds of workers and hard classes": {
        "prior": (0.35, 0.25, 0.25, 0.1, 0.05), "hard": (0.5, 0.5, 0.3, 0.3, 0.3), "lean": 1.0, "workers": 700,
        "accuracy": (0.3, 0.9), "votes": (5, 6),
    },
    "more workers than tasks": {
        "prior": (0.5, 0.2, 0.1, 0.1, 0.1), "hard": (0.1,) * 5, "lean": 0.3, "tasks": 300, "workers": 460,
    },
    "twenty classes and three answers": {"prior": (0.05,) * 20, "hard": (0.1,) * 20, "lean": 0.7, "votes": (3, 4)},
    "one or two answers to a task": {"prior": (0.5, 0.5), "hard": (0.1, 0.1), "lean": 0.5, "votes": (1, 3)},
    "nobody better than chance": {"prior": (0.5, 0.5), "hard": (1.0, 1.0), "lean": 0.5},
}  # fmt: skip
# Three in ten tasks of the common class look like the rare one: what the answers say is not what is true.
LOOKALIKES = {"prior": (0.8, 0.2), "hard": (0.3, 0.05), "lean": 0.5}
SEEDS = range(3)


def uneven(seed, prior, hard, lean, tasks=1000, workers=74, votes=(6, 7), accuracy=(0.55, 0.95)):
    """Return a table of workers of uneven diligence and leanings on tasks of uneven difficulty, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(prior), tasks, p=prior)
    is_hard = rng.random(tasks) < np.array(hard)[truth]
    skill, diligence = rng.uniform(*accuracy, workers), rng.dirichlet(np.full(workers, 0.5))
    leaning = rng.normal(0, lean, (workers, len(prior)))
    task = np.repeat(np.arange(tasks), rng.integers(*votes, tasks))
    place = np.arange(len(task)) - np.searchsorted(task, task)
    ranked = np.argsort(-(np.log(diligence + 1e-12) + rng.gumbel(size=(tasks, workers))), axis=1)
    worker = ranked[task, place]
    right = np.where(is_hard[task], 0.42, skill[worker])
    odds = leaning[worker]
    odds[np.arange(len(task)), truth[task]] += np.log(right / (1 - right)) + np.log(len(prior) - 1)
    label = (odds + rng.gumbel(size=odds.shape)).argmax(axis=1)
    return Table(task, worker, label, tasks, workers, len(prior)), truth


@pytest.mark.parametrize("shape", SHAPES)
def test_the_default_is_nowhere_a_point_worse_than_the_majority(shape):
    gains = []
    for seed in SEEDS:
        table, truth = uneven(seed, **SHAPES[shape])
        ours, votes = (METHODS[method](table).label == truth for method in (DEFAULT, "majority"))
        gains.append(ours.astype(float) - votes)

    gain = np.concatenate(gains)

    assert gain.mean() + 1.96 * gain.std() / np.sqrt(len(gain)) > -0.01


def test_where_workers_share_confusions_the_default_learns_them():
    table, truth = uneven(0, prior=(0.9, 0.1), hard=(0.2, 0.2), lean=1.0, votes=(5, 6))

    ours, votes = ((METHODS[method](table).label == truth).mean() for method in (DEFAULT, "majority"))

    assert ours > votes + 0.05


def test_where_tasks_of_one_class_look_like_another_the_majority_leads_only_by_how_its_split_votes_fall():
    ours, votes, split, other_way = [], [], [], []
    for seed in SEEDS:
        table, truth = uneven(seed, **LOOKALIKES)
        renamed = Table(table.task, table.worker, 1 - table.label, table.n_tasks, table.n_workers, 2)
        ours.append(METHODS[DEFAULT](table).label == truth)
        votes.append(METHODS["majority"](table).label == truth)
        other_way.append(METHODS["majority"](renamed).label == 1 - truth)
        split.append(table.counts()[:, 0] == table.counts()[:, 1])

    right, by_votes, by_renamed_votes, tied = (np.concatenate(rows) for rows in (ours, votes, other_way, split))

    assert right[~tied].mean() >= by_votes[~tied].mean()
    assert by_renamed_votes.mean() + 0.05 < right.mean() < by_votes.mean()


@pytest.mark.parametrize("votes", [2, 3, 5, 10])
@pytest.mark.parametrize("labels", [2, 4, 10])
def test_of_mere_guesses_little_more_is_said_than_they_are_worth(labels, votes):
    said, right = [], []
    for seed in SEEDS:
        table, truth = crowd(300, 20, labels, votes, accuracy=(1 / labels, 1 / labels), seed=seed)
        found = METHODS[DEFAULT](table)
        said.append(found.confidence)
        right.append(found.label == truth)

    assert np.mean(said) < np.mean(right) + 0.13


def test_what_a_crowd_that_knows_something_says_is_told_as_it_is():
    table, truth = crowd(300, 20, 4, 5, accuracy=(0.4, 0.7))

    assert evidence.informative(table, table.clamp(None)) > 1 - 1e-9
    assert METHODS[DEFAULT](table).confidence.mean() == pytest.approx(
        (METHODS[DEFAULT](table).label == truth).mean(), abs=0.1
    )


def test_known_tasks_tell_too_whether_lone_answers_are_guesses():
    task, label = np.arange(40), np.arange(40) % 4
    table = Table(task, task % 4, label, n_tasks=40, n_workers=4, n_labels=4)

    none, right, wrong = (
        evidence.informative(table, table.clamp(known))
        for known in ({}, {t: int(label[t]) for t in range(20)}, {t: (t + t // 4) % 4 for t in range(20)})
    )

    assert wrong < none == pytest.approx(0.5)
    assert right > 0.999


@pytest.mark.parametrize("seed", range(4))
def test_one_known_task_that_was_answered_wrong_gives_no_other_task_a_label_that_nobody_gave(seed):
    label = np.random.default_rng(seed).integers(2, size=41)  # a single answer each
    table = Table(np.arange(41), np.arange(41) % 3, label, n_tasks=41, n_workers=3, n_labels=2)

    found = METHODS[DEFAULT](table, {0: 1 - int(label[0])})

    assert found.label[1:].tolist() == label[1:].tolist()


@pytest.mark.parametrize("golds", [3, 10, 30])
@pytest.mark.parametrize("seed", range(4))
def test_however_many_known_tasks_a_crowd_answered_wrong_no_lone_answer_is_turned(seed, golds):
    dice = np.random.default_rng(seed)
    task, worker = np.concatenate([np.repeat(np.arange(golds), 3), np.arange(golds, golds + 40)]), np.arange(3)
    worker = np.concatenate([np.tile(worker, golds), np.arange(40) % 3])
    label = np.concatenate([np.repeat(dice.integers(3, size=golds), 3), dice.integers(3, size=40)])
    table = Table(task, worker, label, n_tasks=golds + 40, n_workers=3, n_labels=3)

    found = METHODS[DEFAULT](table, {t: (int(label[3 * t]) + 1) % 3 for t in range(golds)})

    assert found.label[golds:].tolist() == label[3 * golds :].tolist()
    assert (found.posterior.argmax(axis=1) == found.label).all()
    assert (found.confidence[golds:] < 0.5).all()
