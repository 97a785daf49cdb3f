"""What more answers would gain: the expected rise in right labels, and how such forecasts did on the answers at hand.

A task's doubt is taken to be between its label, of confidence c, and one rival, of r = min(c, 1 - c). Of m further
answers, each of which names the right one of the two with probability a, s name the label; the likelier is taken then:

    E[c | m] = Σ over s of C(m, s) · max(c · a^s (1 - a)^(m - s),  r · a^(m - s) (1 - a)^s),       gain = E[c | m] - c

Answers go where they gain most each (one answer gains nothing where c > a, two or three may), as long as they last.

Back-test: half of each task's answers are taken as all there is, the gain of a fifth more is forecast, these answers
are bought and the rise is measured against the labels that all answers give. The spread of such errors is the
forecast's interval. Labels of all answers are no truth: where a whole crowd errs, neither sees it.

Sheng, Provost, Ipeirotis: Get another label? KDD 2008 (selective repeated labelling by expected gain).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from . import dawid_skene
from .arrays import Flags, Floats, Ints
from .methods import Fit
from .result import Result
from .table import Table

DEEPEST = 5  # answers more that one task is thought to get
STEP = 0.2


@dataclass(frozen=True)
class Forecast:
    """A rise in the share of right labels, with the 95 % interval that earlier forecasts' errors allow."""

    gain: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Trial:
    """Args: forecast, measured: (n_seeds,) rises in the share of right labels."""

    forecast: Floats
    measured: Floats

    def interval(self, gain: float) -> Forecast:
        """Return a forecast with the interval that the errors of these trials allow."""
        error = self.measured - self.forecast
        if len(error) < 2:
            return Forecast(gain, -1.0, 1.0)
        half = float(scipy.stats.t.ppf(0.975, len(error) - 1) * error.std(ddof=1) * np.sqrt(1 + 1 / len(error)))
        middle = gain + float(error.mean())
        return Forecast(gain, max(-1.0, min(gain, middle - half)), min(1.0, max(gain, middle + half)))


def gain(confidence: Floats, answers: int, *, accuracy: float, labels: int) -> float:
    """Return the expected rise in the share of right labels from so many answers more, put where they gain most.

    >>> round(gain(np.array([0.5, 0.99]), 1, accuracy=0.9, labels=2), 3)
    0.2
    """
    more = plan(confidence, answers, accuracy=accuracy, labels=labels)
    if not len(confidence):
        return 0.0
    return float((_expected(confidence, _sharp(accuracy, labels))[more, np.arange(len(more))] - confidence).mean())


def plan(confidence: Floats, answers: int, *, accuracy: float, labels: int) -> Ints:
    """Return how many answers more each task would get: (n_tasks,), at most five each, `answers` in all."""
    claimed = np.asarray(confidence, dtype=np.float64)
    more = np.zeros(len(claimed), dtype=np.int64)
    expected = _expected(claimed, _sharp(accuracy, labels))
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


def back_test(table: Table, *, method: Fit = dawid_skene.fit, seeds: int = 10) -> Trial:
    """Forecast on half of the answers what a fifth more gains, buy them, and measure."""
    final = method(table).label
    rows = [_one(table, final, method, np.random.default_rng(seed)) for seed in range(seeds)]
    forecast, measured = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 2
    return Trial(forecast, measured)


def accuracy_of(result: Result) -> float:
    """Return how often an average worker of the fit is right."""
    skills = result.skill[~np.isnan(result.skill)]
    return float(skills.mean()) if len(skills) else 0.8


def _one(table: Table, final: Ints, method: Fit, rng: np.random.Generator) -> tuple[float, float]:
    place = _random_places(table, rng)
    half = (table.votes + 1) // 2
    bought = place < half[table.task]
    before = method(_of(table, bought))
    answers = int(STEP * bought.sum())
    accuracy = accuracy_of(before)
    more = plan(before.confidence, answers, accuracy=accuracy, labels=table.n_labels)
    more = np.minimum(more, table.votes - half)  # a crowd that is over can't be asked more
    after = method(_of(table, place < (half + more)[table.task]))
    expected = (
        _expected(before.confidence, _sharp(accuracy, table.n_labels))[more, np.arange(len(more))] - before.confidence
    )
    return float(expected.mean()), float((after.label == final).mean() - (before.label == final).mean())


def _random_places(table: Table, rng: np.random.Generator) -> Ints:
    order = np.lexsort((rng.random(len(table)), table.task))
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table)) - table.start[table.task[order]]
    return place


def _of(table: Table, rows: Flags) -> Table:
    columns = (table.task[rows], table.worker[rows], table.label[rows])
    return Table(*columns, table.n_tasks, table.n_workers, table.n_labels)


def _sharp(accuracy: float, labels: int) -> float:
    """Return how often an answer that names the label or its rival names the right one."""
    right = float(np.clip(accuracy, 1 / labels, 1 - 1e-6))
    return right / (right + (1 - right) / max(labels - 1, 1))


def _expected(confidence: Floats, sharp: float) -> Floats:
    """Return the expected confidence after 0 to 5 answers more: (6, n_tasks)."""
    claimed = np.asarray(confidence, dtype=np.float64)
    rival = np.minimum(claimed, 1 - claimed)
    rows = [claimed]
    for more in range(1, DEEPEST + 1):
        named = np.arange(more + 1)[:, None]
        if_right, if_wrong = scipy.stats.binom.pmf(named, more, sharp), scipy.stats.binom.pmf(more - named, more, sharp)
        rows.append(np.maximum(claimed * if_right, rival * if_wrong).sum(axis=0))
    expected: Floats = np.maximum(np.array(rows), claimed)
    return expected
