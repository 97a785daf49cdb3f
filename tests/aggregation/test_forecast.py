import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import Table, dawid_skene, drawn, forecast


def test_answers_go_where_they_gain_most():
    more = forecast.plan(np.array([0.99, 0.5, 0.7]), 2, accuracy=0.8, labels=2)

    assert more.tolist() == [0, 1, 1]


def test_one_answer_gains_nothing_where_it_could_not_change_the_label():
    assert forecast.gain(np.array([0.9]), 1, accuracy=0.8, labels=2) == pytest.approx(0, abs=1e-12)
    assert forecast.gain(np.array([0.9]), 3, accuracy=0.8, labels=2) > 0.01


def test_a_fair_guess_is_worth_as_much_more_as_the_worker_knows():
    assert forecast.gain(np.array([0.5]), 1, accuracy=0.8, labels=2) == pytest.approx(0.3)


def test_an_answer_that_names_a_third_label_tells_nothing_of_the_two_in_doubt():
    """Of ten labels an answer right every second time names one of the two in 5/9, and then the right one in 9/10."""
    assert forecast.gain(np.array([0.5]), 1, accuracy=0.5, labels=10) == pytest.approx(5 / 9 * 0.4)


def test_a_forecast_is_corrected_by_what_such_forecasts_missed():
    trial = forecast.Trial(forecast=np.array([0.15, 0.14, 0.16]), measured=np.array([0.10, 0.10, 0.10]))

    told = trial.interval(0.15)

    assert told.gain == pytest.approx(0.1)
    assert told.gain - told.low == pytest.approx(told.high - told.gain)


def test_more_answers_never_gain_less():
    confidence = np.random.default_rng(0).uniform(0.4, 1, 200)

    gains = [forecast.gain(confidence, answers, accuracy=0.75, labels=3) for answers in (0, 10, 50, 200, 2000)]

    assert gains == sorted(gains)
    assert gains[0] == 0


@pytest.mark.parametrize(
    ("at_hand", "labels", "accuracy"), [(2, 2, (0.6, 0.9)), (2, 4, (0.4, 0.7)), (3, 3, (0.45, 0.8))]
)
def test_the_true_rise_lies_in_the_interval_nearly_always_with_few_answers_too(at_hand, labels, accuracy):
    found = [told_and_true(seed, at_hand, labels, accuracy, crowds=10) for seed in range(40)]

    held = [told.low - 1e-9 <= rise <= told.high + 1e-9 for told, rise in found]
    assert np.mean(held) >= 0.93  # of forty, of which 95 % are 38


def test_of_ten_labels_the_forecast_is_near_the_true_rise_on_average():
    found = [told_and_true(seed, 3, 10, (0.5, 0.9), crowds=5) for seed in range(6)]

    told, rise = (np.mean(column) for column in zip(*[(told.gain, rise) for told, rise in found], strict=True))
    assert rise > 0.08
    assert told == pytest.approx(rise, abs=0.03)


def told_and_true(seed, at_hand, labels, accuracy, *, crowds):
    """Return what an answer more for each item was forecast to gain in a crowd, and what it gained by the truth."""
    full, truth = crowd(n_tasks=150, n_workers=25, n_labels=labels, votes=at_hand + 5, accuracy=accuracy, seed=seed)
    place = np.concatenate([np.random.default_rng((seed, t)).permutation(at_hand + 5) for t in range(150)])

    def bought(rows):
        return Table(full.task[rows], full.worker[rows], full.label[rows], 150, 25, labels)

    now = bought(place < at_hand)
    fit, answers = dawid_skene.fit(now), 150
    asked = {"accuracy": forecast.accuracy_of(fit, now), "labels": labels}
    told = forecast.simulate(now, fit, answers, seeds=crowds).interval(forecast.gain(fit.confidence, answers, **asked))
    more = forecast.plan(fit.confidence, answers, **asked)
    after = dawid_skene.fit(bought(place < (at_hand + more)[full.task]))
    return told, float((after.label == truth).mean() - (fit.label == truth).mean())


def test_how_good_drawn_crowds_are_is_as_open_as_few_answers_leave_it():
    held, width = [], []
    for seed in range(12):
        table, _ = crowd(n_tasks=150, n_workers=25, n_labels=2, votes=2, accuracy=(0.6, 0.8), seed=seed)
        posterior = dawid_skene.fit(table).posterior
        found = [drawn.crowd(table, posterior, np.random.default_rng((seed, n)))[1] for n in range(60)]
        low, high = np.quantile([np.einsum("wkk->", confusion) / 50 for confusion in found], [0.025, 0.975])
        held.append(low <= 0.7 <= high)
        width.append(high - low)

    assert np.mean(held) > 0.8
    assert 0.05 < np.mean(width) < 0.3


def test_of_few_answers_or_none_crowds_are_drawn_too():
    for n_tasks in (0, 2):
        table = Table([], [], [], n_tasks, 1, 3)
        truth, confusion = drawn.crowd(table, dawid_skene.fit(table).posterior, np.random.default_rng(0))

        assert len(truth) == n_tasks
        assert confusion.sum(axis=2) == pytest.approx(1)


def test_crowds_are_drawn_with_answers_of_workers_who_had_not_answered_the_task():
    table, _ = crowd(n_tasks=40, n_workers=6, n_labels=2, votes=3, accuracy=(0.6, 0.9), seed=1)

    trial = forecast.simulate(table, dawid_skene.fit(table), 10_000, seeds=3)  # more than there are workers for

    assert np.isfinite(trial.measured).all()


def test_an_answer_to_come_is_as_often_right_as_those_of_the_workers_who_give_most():
    """Forty workers gave one answer each, of whom the fit knows little; three gave all others, nine in ten right."""
    rng = np.random.default_rng(0)
    truth, task = rng.integers(0, 4, 200), np.append(np.repeat(np.arange(200), 3), np.arange(40))
    worker = np.append(np.tile(np.arange(3), 200), np.arange(3, 43))
    label = np.where(rng.random(640) < 0.9, truth[task], (truth[task] + rng.integers(1, 4, 640)) % 4)
    table = Table(task, worker, label, 200, 43, 4)

    fit = dawid_skene.fit(table)
    assert fit.skill[:3].min() > 0.8 > 0.6 > fit.skill[3:].mean()
    assert forecast.accuracy_of(fit, table) == pytest.approx((label == truth[task]).mean(), abs=0.02)


def test_nothing_is_forecast_for_a_crowd_that_is_not_there():
    assert forecast.gain(np.zeros(0), 10, accuracy=0.8, labels=2) == 0
    assert forecast.Trial(np.zeros(0), np.zeros(0)).interval(0.1) == forecast.Forecast(0.1, -1, 1)
