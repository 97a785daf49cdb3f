"""Who is not asked again, in simulated crowds whose workers are known: nearly never somebody good."""

from uuid import UUID

import numpy as np
import pytest

from apps.kinds import of
from apps.kinds.votes import Votes
from apps.quality.services.deepening import unwanted
from apps.quality.services.scoring import Coded, chance, estimates, shares_an_error

KIND = of("single_choice")
TASKS, GOLDS, WORKERS = 300, 20, 30


def ever_stopped(accuracy: np.ndarray, *, seed: int, labels: int = 2, votes: int = 3) -> set[int]:
    """Return who is stopped at any of ten fits, as the answers of a campaign with gold come in."""
    dice = np.random.default_rng(seed)
    settings = KIND.read_settings({"question": "Which?", "options": [str(n) for n in range(labels)]})
    classes, truth = list(KIND.classes(settings)), dice.integers(labels, size=TASKS)
    rows = [(task, worker) for task in range(GOLDS, TASKS) for worker in dice.choice(WORKERS, votes, replace=False)]
    rows += [(task, worker) for task in range(GOLDS) for worker in np.flatnonzero(dice.random(WORKERS) < 0.2)]
    rows = [rows[n] for n in dice.permutation(len(rows))]
    said = [
        classes[truth[task] if dice.random() < accuracy[worker] else (truth[task] + dice.integers(1, labels)) % labels]
        for task, worker in rows
    ]
    task, worker = np.array(rows).T
    stopped: set[int] = set()
    for share in np.linspace(0.1, 1, 10):
        n = int(share * len(rows))
        known = {gold: [classes[truth[gold]]] for gold in range(GOLDS)}
        given = Votes(task[:n], worker[:n], said[:n], TASKS, WORKERS, known)
        coded = Coded(KIND, settings, given, KIND.aggregate(given, settings))
        errs = shares_an_error(coded)
        ids = [UUID(int=n) for n in range(WORKERS)]
        skills = list(estimates(coded, ids, errs=errs, scope="x"))
        found = unwanted(skills, errs=errs, by_guessing=chance(KIND, settings))
        stopped |= {ids.index(skill.worker_id) for skill, _ in found}
    return stopped


@pytest.mark.parametrize("votes", [2, 3])
def test_of_a_crowd_of_good_workers_hardly_one_is_ever_stopped(votes):
    stopped = [len(ever_stopped(np.full(WORKERS, 0.85), seed=seed, votes=votes)) for seed in range(6)]

    assert np.mean(stopped) < 1  # of thirty, over the campaign's whole life


@pytest.mark.parametrize(("labels", "good", "bad"), [(2, 0.85, 0.5), (4, 0.8, 0.25)])
def test_most_of_those_at_chance_are_stopped_and_nearly_none_of_the_others(labels, good, bad):
    accuracy = np.r_[np.full(24, good), np.full(6, bad)]

    stopped = [ever_stopped(accuracy, seed=seed, labels=labels) for seed in range(6)]

    assert np.mean([len(one - set(range(24))) for one in stopped]) / 6 > 0.5
    assert np.mean([len(one & set(range(24))) for one in stopped]) / 24 < 0.02
