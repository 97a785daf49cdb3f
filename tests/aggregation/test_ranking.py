import numpy as np
import pytest
from oracles import ask, needs_oracles

from apps.aggregation import BadTable, bradley_terry, noisy_bradley_terry, preferences
from apps.aggregation.comparisons import DRAWN, LEFT, Comparisons


def duels(n=2000, n_items=8, habits=(), n_workers=10, seed=0):
    """Return comparisons of items whose strength rises with their code; workers in `habits` always say left."""
    rng = np.random.default_rng(seed)
    worker, left = rng.integers(0, n_workers, n), rng.integers(0, n_items, n)
    right = (left + rng.integers(1, n_items, n)) % n_items
    won = rng.random(n) < 1 / (1 + np.exp(-(left - right) / 2))
    return Comparisons(worker, left, right, won | np.isin(worker, habits), n_items, n_workers)


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_strengths_come_back(fit):
    found = fit(duels(6000))

    assert found.order.tolist() == list(range(8))[::-1]
    assert np.corrcoef(found.score, np.arange(8))[0, 1] > 0.99
    assert 3 < np.ptp(found.score) < 5


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_the_objective_never_falls_and_unbeaten_items_stay_finite(fit):
    found = fit(Comparisons([0, 0], [0, 0], [1, 2], [1, 1], 4, 1))

    assert found.order[0] == 0
    assert np.isfinite(found.score).all()
    assert (np.diff(found.objective) >= -1e-12).all()


def test_workers_with_a_habit_are_found_and_ignored():
    table = duels(habits=(0, 1, 2, 3), seed=1)

    found = noisy_bradley_terry.fit(table)

    assert found.skill[:4].max() < 0.3 < 0.7 < found.skill[4:].min()
    assert np.diff(found.score).mean() > np.diff(bradley_terry.fit(table).score).mean() + 0.15


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_order_of_rows_and_sides_of_items_change_nothing(fit):
    table = duels(200)
    rows = np.random.default_rng(0).permutation(200)
    columns = (table.worker, table.left, table.right, table.left_won)

    shuffled = fit(Comparisons(*(column[rows] for column in columns), 8, 10))
    swapped = fit(Comparisons(table.worker, table.right, table.left, 1 - table.left_won, 8, 10))

    assert shuffled.score == pytest.approx(fit(table).score, abs=1e-9)
    assert swapped.score == pytest.approx(fit(table).score, abs=1e-4)


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_a_draw_is_half_a_win_for_each_side(fit):
    """One item wins half of its comparisons with each other, by draws or by winning every second: all are equal."""
    left, right, won = [0, 1, 2, 0, 1, 2], [1, 2, 0, 1, 2, 0], [1, 1, 1, 0, 0, 0]
    even = fit(Comparisons(range(6), left, right, won, 3, 6))
    drawn = fit(Comparisons(range(6), left, right, won, 3, 6, drawn=[1] * 6))
    ahead = fit(Comparisons(range(6), left, right, won, 3, 6, drawn=[0, 1, 1, 1, 1, 1]))

    assert even.score == pytest.approx(0, abs=1e-6)
    assert drawn.score == pytest.approx(0, abs=1e-6)
    assert ahead.order.tolist() == [0, 2, 1]
    assert even.ties == 0 < ahead.ties < drawn.ties < np.inf


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_strengths_and_the_readiness_to_draw_come_back_and_the_objective_never_falls(fit):
    rng = np.random.default_rng(0)
    left, worker = rng.integers(0, 8, 6000), rng.integers(0, 10, 6000)
    right = (left + rng.integers(1, 8, 6000)) % 8
    said = (rng.random(6000)[:, None] > preferences.shares((left - right) / 2, 1.5).cumsum(axis=1)).sum(axis=1)

    found = fit(Comparisons(worker, left, right, said == LEFT, 8, 10, said == DRAWN))

    assert found.order.tolist() == list(range(8))[::-1]
    assert 1.3 < found.ties < 2.2
    assert (np.diff(found.objective) >= -1e-9).all()


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
@pytest.mark.parametrize("draws", [0.0, 0.3, 1.0])
def test_the_top_is_reached_in_few_steps_however_many_draws_there_are(fit, draws):
    table = duels(3000, n_items=4)
    drawn = np.random.default_rng(0).random(3000) < draws

    found = fit(Comparisons(table.worker, table.left, table.right, table.left_won, 4, 10, drawn))

    assert len(found.objective) < 150
    assert (np.diff(found.objective) >= -1e-9).all()
    assert draws < 1 or found.ties == pytest.approx(2 * 3001, rel=0.01)


@pytest.mark.parametrize("fit", [bradley_terry.fit, noisy_bradley_terry.fit])
def test_of_no_items_there_is_no_ranking(fit):
    assert fit(Comparisons([], [], [], [], 0, 0)).order.tolist() == []


def test_an_item_cannot_be_compared_with_itself():
    with pytest.raises(BadTable, match="item 1 is compared with itself"):
        Comparisons([0], [1], [1], [0], 2, 1)


@needs_oracles
def test_bradley_terry_without_prior_is_crowd_kits():
    table = duels(500)

    (said,) = ask(
        (
            "crowdkit_bradley_terry",
            {"worker": table.worker, "left": table.left, "right": table.right, "winner": table.winner},
        )
    )
    ours = np.exp(bradley_terry.fit(table, prior=0).score)

    assert ours / ours.sum() == pytest.approx(np.array(said) / np.sum(said), abs=1e-4)
