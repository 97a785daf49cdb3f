"""What more answers would gain: the expected rise in right labels, and how such forecasts did on the answers at hand.

A task's doubt is taken to be between its label, of confidence c, and one rival, of r = min(c, 1 - c). A further answer
is right with probability a, and names each of the K - 1 other labels equally often. So it names one of the two with
probability q = a + (1 - a) / (K - 1), and then the right one with b = a / q; other answers tell nothing. Of n that name
one of the two, s name the label; the likelier is taken then:

    E[c | n] = Σ over s of C(n, s) · max(c · b^s (1 - b)^(n - s),  r · b^(n - s) (1 - b)^s)
    E[c | m] = Σ over n of C(m, n) · q^n (1 - q)^(m - n) · E[c | n],                               gain = E[c | m] - c

Answers go where they gain most each (one answer gains nothing where c > a, two or three may), as long as they last.

Interval: such forecasts are tried in two ways, whose errors e are

    simulated     crowds like this one are drawn, whose truth is known (`simulate`): mean e, variance s²
    back-tested   on the answers at hand, some of which are hidden, bought and judged (`back_test`): e', s'²

The first knows the truth, but its workers are as the model has them; the second has workers as they are, but judges by
other answers. Errors to come are taken for an even mixture of both:

    gain + (e + e') / 2  ±  t √((s² + s'²) / 2 + ((e - e') / 2)²)

Where they contradict each other, |e - e'| > t √(s² + s'²), or too few items have answers to hide, no interval is given.
What most of a crowd gets wrong alike, neither sees.

Sheng, Provost, Ipeirotis: Get another label? KDD 2008 (selective repeated labelling by expected gain).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from . import dawid_skene, drawn
from .arrays import Floats, Ints
from .methods import Fit
from .result import Result
from .table import Table

DEEPEST = 5  # answers more that one task is thought to get
CELLS = 30_000  # answers times labels of a drawn crowd: its first items stand for the others, which costs some width
FEWEST = 50  # items


@dataclass(frozen=True)
class Forecast:
    """A rise in the share of right labels, with the 95 % interval that earlier forecasts' errors allow."""

    gain: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Trial:
    """Args:
    forecast, measured: (n_seeds,) rises in the share of right labels.
    noise: variance of what is measured that trials can't show, as all of them have the same items.
    """

    forecast: Floats
    measured: Floats
    noise: float = 0.0

    @property
    def error(self) -> float:
        """How much too low forecasts were, in the mean."""
        return float((self.measured - self.forecast).mean())

    @property
    def variance(self) -> float:
        """That of the error of one more forecast."""
        number = len(self.forecast)
        return max(float((self.measured - self.forecast).var(ddof=1)), self.noise) * (1 + 1 / number)

    def interval(self, gain: float) -> Forecast:
        """Return a forecast, corrected by the mean error of these trials, with the interval that their errors allow."""
        if len(self.forecast) < 2:
            return Forecast(gain, -1.0, 1.0)
        return _about(gain + self.error, _quantile(self) * self.variance**0.5)


def told(gain: float, drawn: Trial, real: Trial | None) -> Forecast | None:
    """Return a forecast with the interval that both kinds of trials allow, None where there is none to be honest about.

    Args: drawn: simulated. real: back-tested, None where too few items have answers to hide.

    >>> alike = Trial(np.array([0.1, 0.1, 0.1]), np.array([0.09, 0.1, 0.11]))
    >>> told(0.1, alike, Trial(alike.forecast, alike.measured + 0.2)) is None
    True
    >>> [round(end, 3) for end in (told(0.1, alike, alike).low, told(0.1, alike, alike).high)]
    [0.05, 0.15]
    """
    if real is None or min(len(drawn.forecast), len(real.forecast)) < 2:
        return None
    quantile, apart = max(_quantile(drawn), _quantile(real)), abs(drawn.error - real.error)
    if apart > quantile * (drawn.variance + real.variance) ** 0.5:
        return None
    spread = ((drawn.variance + real.variance) / 2 + (apart / 2) ** 2) ** 0.5
    return _about(gain + (drawn.error + real.error) / 2, quantile * spread)


def gain(confidence: Floats, answers: int, *, accuracy: float, labels: int) -> float:
    """Return the expected rise in the share of right labels from so many answers more, put where they gain most.

    >>> round(gain(np.array([0.5, 0.99]), 1, accuracy=0.9, labels=2), 3)
    0.2
    """
    more = plan(confidence, answers, accuracy=accuracy, labels=labels)
    return rise(confidence, more, accuracy=accuracy, labels=labels)


def rise(confidence: Floats, more: Ints, *, accuracy: float, labels: int) -> float:
    """Return the expected rise in the share of right labels from so many answers more to each task, five at most."""
    if not len(confidence):
        return 0.0
    return float((_expected(confidence, accuracy, labels)[more, np.arange(len(more))] - confidence).mean())


def plan(confidence: Floats, answers: int, *, accuracy: float, labels: int) -> Ints:
    """Return how many answers more each task would get: (n_tasks,), at most five each, `answers` in all."""
    claimed = np.asarray(confidence, dtype=np.float64)
    more = np.zeros(len(claimed), dtype=np.int64)
    expected = _expected(claimed, accuracy, labels)
    each = (expected[1:] - claimed) / np.arange(1, DEEPEST + 1)[:, None]
    best = each.argmax(axis=0) if len(claimed) else more
    value = each[best, np.arange(len(claimed))]
    left = answers
    for task in np.argsort(-value, kind="stable"):
        number = int(best[task]) + 1
        if value[task] <= 1e-12 or left <= 0:
            break
        if number <= left:
            more[task], left = number, left - number
    return more


def simulate(table: Table, result: Result, answers: int, *, method: Fit = dawid_skene.fit, seeds: int = 10) -> Trial:
    """Forecast and buy so many answers in crowds like this one, whose truth is known; measure the rise in right labels.

    Truth and confusions are drawn from their posterior (`drawn`), each answer from its worker's confusions, and both
    the labels at hand and the forecast are made anew of these answers. So errors of the fit count, what few answers
    leave open of skills, and what it costs to have few answers an item: it is forecast and bought for as many as there
    are, where a back-test has half of them.

    Args: result: of the table, from whose posterior the drawing starts.

    Rubin: Bayesianly justifiable and relevant frequency calculations for the applied statistician. Annals of Statistics
    12, 1984 (section 5, predictive checks).
    """
    items = min(table.n_tasks, max(FEWEST, CELLS * table.n_tasks // (max(len(table), 1) * table.n_labels)))
    answers = round(answers * items / max(table.n_tasks, 1))
    rows = [
        _in_a_crowd_like_it(table, items, result, answers, method, np.random.default_rng((seed, 1)))
        for seed in range(seeds)
    ]
    forecast, measured = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 2
    return Trial(forecast, measured)


def accuracy_of(result: Result, table: Table) -> float:
    """Return how often an answer is right by the fit of the table, its workers answering on as they did so far.

    The share of answers that name the true label, by its posterior. Workers' skills are shrunk to what a fit expects of
    a new worker, the more so the more labels there are, and would forecast too little.
    """
    return float(result.posterior[table.task, table.label].mean()) if len(table) else 0.8


def _quantile(trial: Trial) -> float:
    return float(scipy.stats.t.ppf(0.975, len(trial.forecast) - 1))


def _about(middle: float, half: float) -> Forecast:
    return Forecast(*np.clip([middle, middle - half, middle + half], -1.0, 1.0).tolist())


def _expected(confidence: Floats, accuracy: float, labels: int) -> Floats:
    """Return the expected confidence after 0 to 5 answers more: (6, n_tasks)."""
    claimed = np.asarray(confidence, dtype=np.float64)
    right = float(np.clip(accuracy, 1 / labels, 1 - 1e-6))
    naming = min(1.0, right + (1 - right) / max(labels - 1, 1))
    told = _of_two(claimed, right / naming)
    answers = np.arange(DEEPEST + 1)
    expected: Floats = scipy.stats.binom.pmf(answers, answers[:, None], naming) @ told
    return expected


def _of_two(claimed: Floats, sharp: float) -> Floats:
    """Return the expected confidence after 0 to 5 answers that name the label or its rival: (6, n_tasks).

    Args: sharp: how often such an answer names the right one of the two.
    """
    rival = np.minimum(claimed, 1 - claimed)
    rows = [claimed]
    for more in range(1, DEEPEST + 1):
        named = np.arange(more + 1)[:, None]
        if_right, if_wrong = scipy.stats.binom.pmf(named, more, sharp), scipy.stats.binom.pmf(more - named, more, sharp)
        rows.append(np.maximum(claimed * if_right, rival * if_wrong).sum(axis=0))
    expected: Floats = np.maximum(np.array(rows), claimed)
    return expected


def _in_a_crowd_like_it(
    table: Table, items: int, result: Result, answers: int, method: Fit, rng: np.random.Generator
) -> tuple[float, float]:
    truth, confusion = drawn.crowd(table, result.posterior, rng)
    truth, table = truth[:items], _first(table, items)
    given = Table(table.task, table.worker, _said(confusion, truth, table.task, table.worker, rng), *_shape(table))
    before = method(given)
    accuracy = accuracy_of(before, given)
    more = plan(before.confidence, answers, accuracy=accuracy, labels=table.n_labels)
    task, worker = _new_answers(table, more, rng)
    label = _said(confusion, truth, task, worker, rng)
    tasks, workers = np.concatenate([given.task, task]), np.concatenate([given.worker, worker])
    after = method(Table(tasks, workers, np.concatenate([given.label, label]), *_shape(table)))
    expected = gain(before.confidence, answers, accuracy=accuracy, labels=table.n_labels)
    return expected, float((after.label == truth).mean() - (before.label == truth).mean())


def _first(table: Table, items: int) -> Table:
    rows = table.task < items
    return Table(table.task[rows], table.worker[rows], table.label[rows], items, *_shape(table)[1:])


def _said(confusion: Floats, truth: Ints, task: Ints, worker: Ints, rng: np.random.Generator) -> Ints:
    return drawn.labels_of(confusion[worker, truth[task]], rng)


def _new_answers(table: Table, more: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return task and worker of further answers: workers as busy as before, none twice for a task."""
    tasks = np.flatnonzero(more)
    busy = np.bincount(table.worker, minlength=table.n_workers).astype(np.float64)
    # The largest of logarithms with Gumbel noise are a draw without replacement in proportion to the weights.
    lot = np.log(np.maximum(busy, 1e-9)) + rng.gumbel(size=(len(tasks), table.n_workers))
    row_of = np.full(table.n_tasks, -1)
    row_of[tasks] = np.arange(len(tasks))
    row = row_of[table.task]
    lot[row[row >= 0], table.worker[row >= 0]] = -np.inf
    most = min(int(more.max(initial=0)), table.n_workers)
    order = np.argsort(-lot, axis=1)[:, :most]
    kept = (np.arange(most) < more[tasks, None]) & np.isfinite(np.take_along_axis(lot, order, axis=1))
    return np.repeat(tasks, kept.sum(axis=1)), order[kept]


def _shape(table: Table) -> tuple[int, int, int]:
    return table.n_tasks, table.n_workers, table.n_labels
