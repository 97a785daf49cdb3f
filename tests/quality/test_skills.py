"""Skills: workers of known error rates are ranked rightly, and their intervals hold what is known of them."""

from uuid import UUID

import numpy as np
import pytest

from apps.kinds import of
from apps.kinds.character import CHARACTERS
from apps.kinds.votes import Aggregate, Votes
from apps.quality.services.scoring import Coded, estimates, shares_an_error
from apps.workforce.models import Skill

KIND = of("single_choice")
SETTINGS = KIND.read_settings({"question": "Which?", "options": ["a", "b", "c", "d"]})
CLASSES = list(KIND.classes(SETTINGS))
CROWD = ["careful", "careful", "careful", "hasty", "biased", "spamming"]
ACCURACY = [float(np.mean(np.diag(KIND.confusion(CHARACTERS[name], SETTINGS)))) for name in CROWD]
REPETITIONS = 200


def skills(seed: int, *, tasks: int, each: int, golds: int = 0, crowd: list[str] = CROWD) -> list[Skill]:
    """Return the crowd's skills after each answered all gold and `each` tasks, of four equally likely classes."""
    dice = np.random.default_rng(seed)
    truth = dice.integers(4, size=tasks)
    answers = []
    for worker, name in enumerate(crowd):
        matrix = KIND.confusion(CHARACTERS[name], SETTINGS)
        chosen = set(range(golds)) | set(dice.choice(tasks, each, replace=False).tolist())
        answers += [(task, worker, CLASSES[dice.choice(4, p=matrix[truth[task]])]) for task in sorted(chosen)]
    votes = Votes(
        tasks=np.array([task for task, _, _ in answers]),
        workers=np.array([worker for _, worker, _ in answers]),
        answers=[answer for _, _, answer in answers],
        n_tasks=tasks,
        n_workers=len(crowd),
        known={task: [CLASSES[truth[task]]] for task in range(golds)},
    )
    fitted = KIND.aggregate(votes, SETTINGS, method="dawid_skene")
    return scored(votes, fitted)


def scored(votes: Votes, fitted: Aggregate) -> list[Skill]:
    coded = Coded(KIND, SETTINGS, votes, fitted)
    workers = [UUID(int=n) for n in range(votes.n_workers)]
    return list(estimates(coded, workers, errs=shares_an_error(coded), scope="campaign:x"))


@pytest.mark.parametrize(
    "work",
    [{"tasks": 60, "each": 60}, {"tasks": 120, "each": 60}, {"tasks": 120, "each": 60, "golds": 5}],
    ids=["everybody judges all", "three judge each", "some of it is gold"],
)
def test_intervals_hold_the_known_accuracy_nearly_always_and_the_order_is_right(work):
    runs = [skills(seed, **work) for seed in range(REPETITIONS)]

    held = np.mean(
        [[one.low <= known <= one.high for one, known in zip(run, ACCURACY, strict=True)] for run in runs], 0
    )
    means = [[one.mean for one in run] for run in runs]
    ranked = np.mean([min(mean[:3]) > mean[4] > mean[5] for mean in means])
    assert held.mean() > 0.9
    assert held.min() > 0.85
    assert ranked > 0.95


def test_gold_alone_decides_where_there_is_enough_of_it_and_holds_too():
    runs = [skills(seed, tasks=60, each=60, golds=12) for seed in range(REPETITIONS)]

    held = np.mean(
        [[one.low <= known <= one.high for one, known in zip(run, ACCURACY, strict=True)] for run in runs], 0
    )
    assert held.mean() > 0.9
    for one in runs[0]:
        assert one.mean == pytest.approx((1 + one.gold_right) / (2 + one.gold_answers))


def test_a_spammer_and_a_careful_worker_are_told_apart_by_their_intervals():
    *careful, hasty, _, spamming = skills(1, tasks=60, each=60, golds=9)

    assert spamming.high < min(one.low for one in careful)
    assert spamming.high < hasty.low


def test_answers_that_nobody_else_gave_say_nothing_about_a_worker():
    (alone,) = skills(1, tasks=30, each=30, crowd=["spamming"])

    assert (alone.mean, alone.compared) == (0.5, 0)
    assert alone.high - alone.low == pytest.approx(0.95)


def test_more_answers_make_the_interval_narrower():
    few, many = (skills(1, tasks=200, each=n, golds=9, crowd=["careful"] * 5)[0] for n in (40, 180))

    assert many.high - many.low < few.high - few.low


def test_what_gold_said_and_what_others_said_are_kept_apart():
    one = skills(1, tasks=40, each=40, golds=4)[0]

    assert (one.gold_answers, one.compared) == (4, 36)
    assert 0 <= one.gold_right <= 4
    assert 0 <= one.agreed <= 36


def test_agreement_counts_for_as_little_as_gold_shows_it_to_be_off():
    """Where gold was taken for bearing the crowd out by luck, what it says of each worker still does not agree."""
    votes, fitted = misled_votes(golds=9)
    coded = Coded(KIND, SETTINGS, votes, fitted)
    workers = [UUID(int=n) for n in range(votes.n_workers)]

    found = list(estimates(coded, workers, errs=False, scope="campaign:x"))

    assert sum(one.low <= 0.5 <= one.high for one in found[:8]) >= 7  # right in every second task, and by chance
    assert all(one.weight > 50 for one in found)  # the evidence itself stays as it is
    honest = skills(1, tasks=60, each=60, golds=9)
    assert max(one.high - one.low for one in honest[:3]) < 0.35


def misled(golds: int) -> list[Skill]:
    return scored(*misled_votes(golds))


def misled_votes(golds: int) -> tuple[Votes, Aggregate]:
    """Return the votes of eight who fall for the same trick in every second task, and of two who do not."""
    dice = np.random.default_rng(3)
    tasks, answers = 100, []
    truth = dice.integers(4, size=tasks)
    for worker in range(10):
        for task in range(tasks):
            said = (truth[task] + (task % 2 if worker < 8 else 0)) % 4 if dice.random() < 0.93 else dice.integers(4)
            answers.append((task, worker, CLASSES[said]))
    votes = Votes(
        tasks=np.array([task for task, _, _ in answers]),
        workers=np.array([worker for _, worker, _ in answers]),
        answers=[answer for _, _, answer in answers],
        n_tasks=tasks,
        n_workers=10,
        known={task: [CLASSES[truth[task]]] for task in range(golds)},
    )
    return votes, KIND.aggregate(votes, SETTINGS, method="dawid_skene")


def test_where_a_whole_crowd_shares_an_error_gold_alone_decides_for_everybody():
    alone, measured = misled(golds=0), misled(golds=9)

    assert min(one.mean for one in alone[:8]) > max(one.mean for one in alone[8:])  # nothing could tell
    assert max(one.mean for one in measured[:8]) < min(one.mean for one in measured[8:])
    assert all(one.mean == pytest.approx((1 + one.gold_right) / 11) for one in measured)


def test_where_gold_does_not_bear_the_crowd_out_the_interval_is_as_wide_as_that_of_gold():
    unknown, borne_out = (skills(1, tasks=60, each=60, golds=golds)[0] for golds in (0, 9))

    assert unknown.low < 0.03
    assert unknown.high > 0.97
    assert unknown.mean > 0.8
    assert borne_out.high - borne_out.low < 0.25


@pytest.mark.parametrize("points", [5, 7])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_right_within_the_tolerance_of_a_scale_is_no_shared_error(points, seed):
    """The expert who knows is a point more severe than the crowd in half of the tasks."""
    scale = of("rating")
    settings = scale.read_settings({"question": "How good?", "lowest": 1, "highest": points})
    dice = np.random.default_rng(seed)
    truth = dice.integers(2, points, size=60)
    task, worker = np.repeat(np.arange(60), 5), np.tile(np.arange(5), 60)
    said = np.clip(truth[task] + dice.choice([-1, 0, 0, 0, 0, 1], size=300), 1, points)
    known = {row: [int(truth[row] - row % 2)] for row in range(20)}
    votes = Votes(task, worker, [scale.read(int(one), settings) for one in said], 60, 5, known)
    coded = Coded(scale, settings, votes, scale.aggregate(votes, settings))

    assert shares_an_error(coded) is not True


@pytest.mark.parametrize("seed", range(20))
def test_a_crowd_that_shares_no_error_is_not_said_to(seed):
    run = skills(seed, tasks=60, each=60, golds=9)

    assert not all(one.mean == pytest.approx((1 + one.gold_right) / 11) for one in run)


def test_intervals_hold_where_labels_are_surer_than_right_and_gold_is_too_little_to_say_so():
    """In two tasks of nine nearly all fall for the same trick, and in one of ten that are gold."""
    held, width = [], []
    for seed in range(20):
        dice = np.random.default_rng(seed)
        golds, tasks, workers = 20, 200, 20
        truth = dice.integers(4, size=tasks)
        tricky = np.r_[np.arange(golds) < 2, dice.permutation(tasks - golds) < 40]
        accuracy = dice.uniform(0.75, 0.95, size=workers)
        chance = np.where(tricky[:, None], 0.1, accuracy)
        said = (truth[:, None] + np.where(dice.random(chance.shape) < chance, 0, 1)) % 4
        asked = dice.random(chance.shape).argsort(axis=1) < np.where(np.arange(tasks) < golds, 10, 8)[:, None]
        task, worker = np.nonzero(asked)
        known = {row: [CLASSES[truth[row]]] for row in range(golds)}
        votes = Votes(task, worker, [CLASSES[code] for code in said[task, worker]], tasks, workers, known)
        coded = Coded(KIND, SETTINGS, votes, KIND.aggregate(votes, SETTINGS))
        found = list(estimates(coded, [UUID(int=n) for n in range(workers)], errs=False, scope="x"))
        true = chance[golds:].mean(axis=0)
        held += [one.low <= share <= one.high for one, share in zip(found, true, strict=True)]
        width += [one.high - one.low for one in found]
    assert np.mean(held) > 0.8
    assert np.mean(width) < 0.4
