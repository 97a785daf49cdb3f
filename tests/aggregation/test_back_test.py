"""How forecasts of a gain are tried on the answers at hand, and what interval is told of both kinds of trials."""

import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import Table, back_test, dawid_skene, forecast
from apps.aggregation.forecast import Trial
from apps.aggregation.replay import random_places, rows_of


def test_on_crowds_as_the_model_has_them_forecasts_come_true_on_average():
    crowds = [
        crowd(n_tasks=400, n_workers=25, n_labels=2, votes=8, accuracy=(0.6, 0.85), seed=seed)[0]
        for seed in range(1, 4)
    ]
    trials = [back_test.run(table, seeds=8) for table in crowds]

    told, rise = (np.mean([getattr(trial, name) for trial in trials]) for name in ("forecast", "measured"))
    assert min(trial.measured.mean() for trial in trials) > 0.01
    assert told == pytest.approx(rise, abs=0.02)
    for trial in trials:
        held = []
        for one, (told, measured) in enumerate(zip(trial.forecast, trial.measured, strict=True)):
            others = Trial(np.delete(trial.forecast, one), np.delete(trial.measured, one))
            found = others.interval(float(told))
            held.append(found.low <= measured <= found.high)
        assert np.mean(held) >= 7 / 8  # each by what the others missed


def test_where_answers_are_drawn_from_the_labels_at_hand_nothing_is_measured_to_be_gained():
    """Coins: what is bought changes labels, and labels of all answers would call that a rise."""
    rng = np.random.default_rng(0)
    n = 400
    table = Table(np.repeat(np.arange(n), 8), np.tile(np.arange(8), n), rng.integers(0, 2, 8 * n), n, 8, 2)

    trial = back_test.run(table, method=first_votes, seeds=6)

    assert abs(trial.measured.mean()) < 3 * trial.noise**0.5
    place = random_places(table, rng)
    final, before, after = (first_votes(rows_of(table, place < seen)).label for seen in (8, 4, 6))
    assert (after == final).mean() - (before == final).mean() > 0.05


def first_votes(table, known=None):
    """Fit with workers who are believed whatever they say: labels of coins change then."""
    return dawid_skene.fit(table, known, right=1000.0, wrong=300.0)


def test_a_crowd_of_few_answers_an_item_is_not_tried():
    of_three, _ = crowd(n_tasks=400, n_workers=25, n_labels=2, votes=3, accuracy=(0.6, 0.85), seed=1)
    of_few, _ = crowd(n_tasks=20, n_workers=25, n_labels=2, votes=8, accuracy=(0.6, 0.85), seed=1)

    assert back_test.run(of_three) is None
    assert back_test.run(of_few) is None


def test_items_of_fewer_answers_change_nothing_of_the_trial_but_what_is_known_of_workers():
    table, _ = crowd(n_tasks=200, n_workers=25, n_labels=2, votes=8, accuracy=(0.6, 0.85), seed=1)
    more = Table(
        np.append(table.task, np.arange(200, 800)), np.append(table.worker, np.arange(600) % 25),
        np.append(table.label, np.arange(600) % 2), 800, 25, 2,
    )  # fmt: skip

    alone, among = (back_test.run(one, method=first_votes, seeds=6) for one in (table, more))

    assert among.measured.mean() == pytest.approx(alone.measured.mean(), abs=0.03)


def test_the_interval_is_of_both_kinds_of_errors_and_bears_their_difference():
    drawn = Trial(np.full(10, 0.02), 0.02 + np.linspace(-0.01, 0.01, 10))
    real = Trial(np.full(10, 0.03), 0.015 + np.linspace(-0.01, 0.01, 10))

    told = forecast.told(0.02, drawn, real)

    assert told.gain == pytest.approx(0.02 - 0.015 / 2)
    assert told.high - told.low > max(one.interval(0.02).high - one.interval(0.02).low for one in (drawn, real))


def test_what_the_same_items_hide_from_all_trials_widens_the_interval():
    drawn = Trial(np.full(10, 0.02), 0.02 + np.linspace(-0.001, 0.001, 10))
    few, many = (Trial(drawn.forecast, drawn.measured, noise) for noise in (0.01**2, 0.0))

    assert forecast.told(0.02, drawn, few).low < forecast.told(0.02, drawn, many).low - 0.01


def test_no_interval_is_told_where_drawn_and_real_answers_contradict_each_other_or_nothing_was_tried():
    drawn = Trial(np.full(10, 0.02), 0.02 + np.linspace(-0.01, 0.01, 10))
    real = Trial(drawn.forecast, drawn.measured + 0.1)

    assert forecast.told(0.02, drawn, real) is None
    assert forecast.told(0.02, drawn, None) is None


def test_where_half_of_the_items_look_harder_than_the_model_has_them_the_true_rise_is_in_the_interval():
    """On every third item workers toss coins, whoever they are; drawn crowds know of no such items."""
    held = [told_and_true(seed) for seed in range(12)]

    told = [(one, rise) for one, rise in held if one is not None]
    assert len(told) >= 10
    assert sum(one.low <= rise <= one.high for one, rise in told) >= len(told) - 1


def told_and_true(seed):
    full, truth = crowd(n_tasks=300, n_workers=25, n_labels=2, votes=12, accuracy=(0.6, 0.9), seed=seed)
    rng = np.random.default_rng(seed)
    label = np.where(full.task % 3 == 0, rng.integers(0, 2, len(full)), full.label)
    full = Table(full.task, full.worker, label, 300, 25, 2)
    place = random_places(full, rng)
    now = rows_of(full, place < 6)
    fit, asked = dawid_skene.fit(now), {"labels": 2}
    asked |= {"accuracy": forecast.accuracy_of(fit, now)}
    more = np.minimum(forecast.plan(fit.confidence, 360, **asked), 6)
    drawn = forecast.simulate(now, fit, int(more.sum()), seeds=8)
    told = forecast.told(forecast.rise(fit.confidence, more, **asked), drawn, back_test.run(now, seeds=8))
    after = dawid_skene.fit(rows_of(full, place < (6 + more)[full.task]))
    return told, float((after.label == truth).mean() - (fit.label == truth).mean())
