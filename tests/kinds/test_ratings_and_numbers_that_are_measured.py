"""Where answers measure rather than name: labels near a mean, and confidence that is how often they are right."""

import numpy as np
import pytest

from apps.kinds import of
from apps.kinds.votes import Votes


def crowd(seed: int, *, points: int, votes: int = 6, tasks: int = 300, workers: int = 40, **more: float):
    """Return a scale, votes on it and the truth: honest workers, some of whom are twice as rough, and unlike tasks."""
    scale = of("rating")
    settings = scale.read_settings({"question": "How much?", "lowest": 0, "highest": points - 1, **more})
    dice = np.random.default_rng(seed)
    truth = dice.uniform(0, points - 1, size=tasks)
    rough, hard = np.where(np.arange(workers) % 2, 0.18, 0.09) * points, dice.choice([0.5, 1.0, 2.0], size=tasks)
    task = np.repeat(np.arange(tasks), votes)
    worker = dice.random((tasks, workers)).argsort(axis=1)[:, :votes].ravel()
    seen = truth[task] + dice.normal(size=len(task)) * rough[worker] * hard[task]
    answers = [scale.read(int(one), settings) for one in np.clip(np.round(seen), 0, points - 1)]
    return scale, settings, Votes(task, worker, answers, tasks, workers), truth


@pytest.mark.parametrize("points", [7, 11, 21, 101])
def test_where_answers_on_a_scale_differ_labels_are_nearer_to_the_truth_than_middle_votes_and_plain_means(points):
    ours, middle, mean = [], [], []
    for seed in range(3):
        scale, settings, votes, truth = crowd(seed, points=points)
        by_task = np.reshape(votes.answers, (votes.n_tasks, -1))
        found = [one.answer for one in scale.aggregate(votes, settings).consensus]
        ours.append(np.abs(found - truth).mean())
        voted = [one.answer for one in scale.aggregate(votes, settings, "majority").consensus]
        middle.append(np.abs(voted - truth).mean())
        mean.append(np.abs(np.round(by_task.mean(axis=1)) - truth).mean())

    assert np.mean(ours) < 0.97 * np.mean(middle)
    assert np.mean(ours) < 0.97 * np.mean(mean)


@pytest.mark.parametrize(
    ("points", "tolerance"), [(7, None), (11, None), (11, 0.5), (11, 1.5), (21, None), (101, None)]
)
def test_confidence_on_a_scale_is_how_often_labels_are_right_within_the_tolerance(points, tolerance):
    sure, right = [], []
    for seed in range(3):
        scale, settings, votes, truth = crowd(
            seed, points=points, **({} if tolerance is None else {"tolerance": tolerance})
        )
        for one, exact in zip(scale.aggregate(votes, settings).consensus, np.round(truth), strict=True):
            sure.append(one.confidence)
            right.append(scale.score(one.answer, [scale.read(int(exact), settings)], settings))

    low, high = (np.array(sure) <= np.quantile(sure, 0.3)), (np.array(sure) >= np.quantile(sure, 0.7))
    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.06)
    for part in (low, high):
        assert np.mean(np.array(sure)[part]) == pytest.approx(np.mean(np.array(right)[part]), abs=0.15)


def test_where_answers_pile_up_at_the_ends_of_a_scale_confidence_away_from_them_is_how_often_labels_are_right():
    sure, right = [], []
    for seed in range(6):
        scale, settings, votes, truth = crowd(seed, points=11, tolerance=1)
        assert np.isin(votes.answers, [0, 10]).mean() > 0.15
        for one, exact in zip(scale.aggregate(votes, settings).consensus, np.round(truth), strict=True):
            if one.answer not in (0, 10):
                sure.append(one.confidence)
                right.append(scale.score(one.answer, [scale.read(int(exact), settings)], settings))

    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.025)  # .05 above it, were such answers exact


@pytest.mark.parametrize(("points", "votes"), [(5, 3), (11, 5)])
def test_of_a_scale_whose_truth_is_at_either_end_confidence_is_how_often_labels_are_right(points, votes):
    scale = of("rating")
    settings = scale.read_settings({"question": "Love or hate?", "lowest": 0, "highest": points - 1, "tolerance": 1})
    sure, right = [], []
    for seed in range(4):
        dice = np.random.default_rng(seed)
        truth, task = (points - 1) * dice.integers(0, 2, size=200), np.repeat(np.arange(200), votes)
        worker = dice.random((200, 40)).argsort(axis=1)[:, :votes].ravel()
        side = np.where(dice.random(len(task)) < 0.9, truth[task], points - 1 - truth[task])
        given = np.where(dice.random(len(task)) < 0.1, points // 2, side)
        answers = [scale.read(int(one), settings) for one in given]
        for one, exact in zip(
            scale.aggregate(Votes(task, worker, answers, 200, 40), settings).consensus, truth, strict=True
        ):
            sure.append(one.confidence)
            right.append(scale.score(one.answer, [scale.read(int(exact), settings)], settings))

    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.05)  # .5 and .43 where any spread would stand


@pytest.mark.parametrize(("tolerance", "sure"), [(0, 5 / 25), (1, 13 / 25), (3, 23 / 25), (4, 1)])
def test_answers_alone_are_as_sure_as_two_anywhere_on_the_scale_are_near(tolerance, sure):
    """Nothing tells a spread: certain it is only that what covers the range is right."""
    scale = of("rating")
    settings = scale.read_settings({"question": "How much?", "lowest": 1, "highest": 5, "tolerance": tolerance})
    votes = Votes(np.arange(40), np.arange(40) % 7, [scale.read(n % 5 + 1, settings) for n in range(40)], 40, 7)

    found = scale.aggregate(votes, settings).consensus

    assert [one.confidence for one in found] == pytest.approx([sure] * 40)


@pytest.mark.parametrize("near", [9, 991])
def test_a_number_within_its_tolerance_of_an_end_of_the_range_can_be_wrong_on_one_side_only(near):
    kind = of("number")
    dice = np.random.default_rng(0)
    middle = np.concatenate([dice.integers(100, 900, size=50), [near]])
    answers = middle[:, None] + dice.permuted(np.tile([-8, -4, 0, 4, 8], (51, 1)) * 3, axis=1)
    answers[-1] = near + np.array([4, 0, -8, 8, -4])
    task, worker = (place.ravel() for place in np.indices(answers.shape))
    votes = Votes(task, worker, answers.ravel().tolist(), *answers.shape)

    sure = {}
    for least, most in ((0, 1000), (-500, 1500)):
        asked = {"question": "How long?", "least": least, "most": most, "tolerance": 10}
        found = kind.aggregate(votes, kind.read_settings(asked)).consensus
        assert found[-1].answer == pytest.approx(near, abs=2)
        sure[most] = np.array([one.confidence for one in found])

    assert sure[1000][:-1] == pytest.approx(sure[1500][:-1])
    assert 1 - sure[1000][-1] == pytest.approx((1 - sure[1500][-1]) / 2, rel=0.4)


def test_confidence_in_a_number_goes_by_how_far_its_answers_lie_apart_and_not_only_by_how_many_there_are():
    kind = of("number")
    settings = kind.read_settings({"question": "How long?", "least": 0, "most": 1000, "tolerance": 12})
    dice = np.random.default_rng(1)
    tasks, workers, votes = 400, 30, 5
    truth, hard = dice.integers(100, 900, size=tasks), dice.choice([5, 40], size=tasks)
    task = np.repeat(np.arange(tasks), votes)
    worker = dice.random((tasks, workers)).argsort(axis=1)[:, :votes].ravel()
    answers = np.clip(np.round(truth[task] + dice.normal(size=len(task)) * hard[task]), 0, 1000).tolist()

    found = kind.aggregate(Votes(task, worker, answers, tasks, workers), settings).consensus

    sure = np.array([one.confidence for one in found])
    right = np.array([kind.score(one.answer, [float(t)], settings) for one, t in zip(found, truth, strict=True)])
    for part in (hard == 5, hard == 40):
        assert sure[part].mean() == pytest.approx(right[part].mean(), abs=0.15)
    assert sure[hard == 5].mean() > sure[hard == 40].mean() + 0.3


def test_a_whole_number_is_written_as_one_beside_labels_with_a_fraction():
    scale = of("rating")
    settings = scale.read_settings({"question": "How much?", "lowest": 0, "highest": 10, "step": 0.5})
    answers = [scale.read(one, settings) for one in (3, 4, 5, 4.5, 4, 5, 1, 7.5, 9)]

    found = scale.aggregate(Votes(np.repeat([0, 1, 2], 3), np.tile([0, 1, 2], 3), answers, 3, 3), settings).consensus

    written = [str(scale.write(one.answer)) for one in found]
    assert not [one for one in written if one.endswith(".0")], written
    assert any("." in one for one in written)
