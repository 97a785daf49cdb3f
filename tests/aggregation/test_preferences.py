"""What most would say of a pair, and how sure that is."""

import numpy as np
import pytest

from apps.aggregation import noisy_bradley_terry, preferences
from apps.aggregation.calibration import expected_error
from apps.aggregation.comparisons import DRAWN, LEFT, Comparisons


def crowd(seed, *, ties=0.0, stray=0.5, given=5, careless=0.2):
    """Return confidences in 100 pairs of 30 items by 20 workers, and whether each label is what most would say.

    Args:
        stray: how far what is thought of a pair lies from any ranking.
        careless: the share of workers who mostly answer from habit.
    """
    rng = np.random.default_rng(seed)
    score, first = rng.normal(0, 1, 30), rng.integers(0, 30, 100)
    second = (first + rng.integers(1, 30, 100)) % 30
    truth = preferences.shares(score[first] - score[second] + rng.normal(0, stray, 100), ties)
    pair = np.repeat(np.arange(100), given)
    worker = np.concatenate([rng.choice(20, given, replace=False) for _ in range(100)])
    said = (rng.random(len(pair))[:, None] > truth[pair].cumsum(axis=1)).sum(axis=1).clip(0, 2)
    habit, idle = rng.integers(0, 3 if ties else 2, 20), rng.random(20) < careless
    said = np.where(idle[worker] & (rng.random(len(pair)) < 0.8), habit[worker], said)
    table = Comparisons(worker, first[pair], second[pair], said == LEFT, 30, 20, said == DRAWN)
    ranking = noisy_bradley_terry.fit(table)
    answers = np.bincount(pair * 3 + said, ranking.skill[worker], 300).reshape(-1, 3)
    found = preferences.fit(ranking, first, second, answers)
    return found.confidence, found.label == truth.argmax(axis=1)


@pytest.mark.parametrize(
    "of",
    [{}, {"stray": 0.0}, {"given": 15}, {"ties": 1.0}, {"ties": 3.0}, {"ties": 1.0, "given": 2}],
    ids=str,
)
def test_labels_are_right_as_often_as_their_confidence_claims(of):
    confidence, right = (
        np.concatenate(found) for found in zip(*(crowd(seed, **of) for seed in range(12)), strict=True)
    )

    assert expected_error(confidence, right) < 0.05


def test_chances_of_being_the_greatest_share_are_those_of_drawn_shares():
    ahead, drawn = (
        np.array([[3.0, 1.0], [0.3, 8.0], [2.5, 2.5], [3100.0, 2900.0], [0.5, 2.0]]),
        np.array([[1.0, 2.0], [5.0, 3.0], [0.2, 4.0], [3000.0, 6000.0], [0.01, 1.0]]),
    )
    rng = np.random.default_rng(0)
    first, neither = (rng.beta(*beta.T[:, :, None], (5, 200_000)) for beta in (ahead, drawn))
    shares = np.stack([first * (1 - neither), (1 - first) * (1 - neither), neither])
    said = np.stack([(shares.argmax(axis=0) == label).mean(axis=1) for label in range(3)], axis=1)

    assert preferences.greatest(ahead, drawn) == pytest.approx(said, abs=0.004)


def test_what_many_say_of_a_pair_outvotes_the_ranking():
    """Tastes in a circle: each is preferred to the next by 60 of 100, so that no ranking tells any of them."""
    first, second = np.array([0, 1, 2]), np.array([1, 2, 0])
    left, right = np.repeat(first, 100), np.repeat(second, 100)
    ranking = noisy_bradley_terry.fit(
        Comparisons(np.tile(range(100), 3), left, right, np.tile(range(100), 3) < 60, 3, 100)
    )

    found = preferences.fit(ranking, first, second, np.array([[60.0, 40.0, 0.0]] * 3))

    assert found.label.tolist() == [0, 0, 0]
    assert found.confidence == pytest.approx(0.97, abs=0.02)
