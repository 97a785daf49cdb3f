import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import dawid_skene, forecast


def test_answers_go_where_they_gain_most():
    more = forecast.plan(np.array([0.99, 0.5, 0.7]), 2, accuracy=0.8, labels=2)

    assert more.tolist() == [0, 1, 1]


def test_one_answer_gains_nothing_where_it_could_not_change_the_label():
    assert forecast.gain(np.array([0.9]), 1, accuracy=0.8, labels=2) == pytest.approx(0, abs=1e-12)
    assert forecast.gain(np.array([0.9]), 3, accuracy=0.8, labels=2) > 0.01


def test_a_fair_guess_is_worth_as_much_more_as_the_worker_knows():
    assert forecast.gain(np.array([0.5]), 1, accuracy=0.8, labels=2) == pytest.approx(0.3)


def test_more_answers_never_gain_less():
    confidence = np.random.default_rng(0).uniform(0.4, 1, 200)

    gains = [forecast.gain(confidence, answers, accuracy=0.75, labels=3) for answers in (0, 10, 50, 200, 2000)]

    assert gains == sorted(gains)
    assert gains[0] == 0


def test_on_a_crowd_as_the_model_has_it_forecasts_come_true_on_average():
    table, _ = crowd(n_tasks=400, n_workers=25, n_labels=2, votes=8, accuracy=(0.6, 0.85), seed=3)

    trial = forecast.back_test(table, seeds=8)

    assert trial.measured.mean() > 0.01
    assert trial.forecast.mean() == pytest.approx(trial.measured.mean(), abs=0.02)
    found = trial.interval(forecast.gain(dawid_skene.fit(table).confidence, 200, accuracy=0.75, labels=2))
    assert found.low <= found.gain <= found.high


def test_nothing_is_forecast_for_a_crowd_that_is_not_there():
    assert forecast.gain(np.zeros(0), 10, accuracy=0.8, labels=2) == 0
    assert forecast.Trial(np.zeros(0), np.zeros(0)).interval(0.1) == forecast.Forecast(0.1, -1, 1)
