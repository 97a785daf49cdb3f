"""Numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyarrow as pa

from apps.aggregation import numbers, precision, predictive
from apps.aggregation.agreement import Metric, alpha_of_numbers, icc, icc_crossed, is_crossed
from apps.aggregation.agreement.bootstrap import coefficient
from apps.aggregation.arrays import Floats, ratio
from apps.aggregation.em import Progress
from apps.aggregation.numbers import Estimate, Measurements
from apps.aggregation.steps import telling
from apps.console.judgments.figures import Figure, mean
from apps.console.judgments.files import Gold

from .base import Family, Misfit, Outcome, as_number, check_metric, parsed, short

DIGITS = 10  # of an outcome at least
LARGEST = 1e150  # whose square is still a number
# A mean would be a number that nobody gave; who asks for one by its name knows.
COUNTED = Misfit(
    "most pairs of answers are the same number, more than chance makes, so they are counted, not measured",
    "median", "and mean, precision and robust are done where one of them is named",
)  # fmt: skip
EXPECTED = np.sqrt(2 / np.pi)  # of |x|, for a normal x of standard deviation 1


def median(table: Measurements) -> Estimate:
    """Return the median, of counted numbers one that was given, with the error of a normal mean times √(π / 2)."""
    value = numbers.median(table, given=numbers.are_counted(table))
    error = numbers.standard_error(table, numbers.deviation(table) ** 2 * np.pi / 2, table.votes)
    return Estimate(value, error, np.zeros(0))


METHODS: Mapping[str, Callable[[Measurements], Estimate]] = {
    "blend": precision.blend,
    "mean": numbers.mean,
    "precision": precision.steady,
    "robust": numbers.robust,
    "median": median,
}

WEIGHTED = ("blend", "precision")  # methods by which workers differ


class Numeric(Family):
    name = "numeric"
    labels = "a number, as in 12.5"
    methods = tuple(METHODS)
    default = "blend"
    label_type = pa.float64()

    def prepare(self) -> None:
        asked = self.judgments
        values = np.array(parsed(asked.label, read, asked.bad))[asked.label.code]
        self.table = Measurements(
            asked.task.code, asked.worker.code, values, len(asked.task.names), len(asked.worker.names)
        )

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = telling(METHODS[method], progress)(self.table)
        pulled_in = numbers.winsorised(self.table)
        error = predictive.of(pulled_in, found.value, found.precision if method in WEIGHTED else None).distance()
        off = np.maximum(error, EXPECTED * numbers.split(self.table))
        digits = digits_of(self.table.value)
        labels = [written(value, digits) for value in found.value.tolist()]
        return self.outcome(labels, found.value, 1 - off / usual_range(self.table.value), method)

    def misfit(self, method: str) -> Misfit | None:
        if method == "blend" and numbers.are_counted(self.table):
            return COUNTED
        return None

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        table = self.table
        found = [
            Figure.of("ICC(1), of one answer", icc(table)),
            Figure.of("alpha, interval", alpha_of_numbers(table)),
            Figure.of("ICC(k), of the mean", icc(table, "mean")),
            Figure.of("alpha, ordinal", alpha_of_numbers(table, "ordinal")),
        ]
        if is_crossed(table):
            found += [
                Figure.of("ICC(2,1), workers at random", icc_crossed(table)),
                Figure.of("ICC(3,1), these workers", icc_crossed(table, "fixed")),
            ]
        return found

    def alpha(self, metric: Metric) -> Figure:
        check_metric(metric, self.table.value)
        return Figure.of(f"alpha, {metric}", alpha_of_numbers(self.table, metric))

    def same(self, label: str) -> Hashable:
        try:
            return as_number(label)
        except ValueError:
            return label

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truth = np.array(parsed(gold.label, read, gold.bad))[gold.label.code]
        value = np.asarray(outcome.answers)[gold.task]
        off = mean("mean absolute error", np.abs(truth - value))
        return [correlation(truth, value), replace(off, in_units=True)]


def digits_of(value: Floats) -> int:
    """Return in how many digits outcomes are written: as many as answers have, and a thousandth of their range needs.

    >>> digits_of(np.array([2.5, 3.0])), digits_of(np.array([1764500000000.0, 1764500000001.0]))
    (10, 17)
    """
    distinct = np.unique(value)
    given = max((len(Decimal(repr(one)).normalize().as_tuple().digits) for one in distinct.tolist()), default=0)
    largest, spread = np.abs(distinct).max(initial=0.0), np.ptp(distinct) if len(distinct) else 0.0
    needed = np.log10(largest) - np.log10(spread) + 4 if spread else 0.0
    return int(max(DIGITS, given, np.ceil(needed)))


def written(value: float, digits: int) -> str:
    """Return a number in so many digits; from 16 on in as many as tell it from every other."""
    return f"{value:.{digits}g}" if digits < 16 else repr(value).removesuffix(".0")


def usual_range(value: Floats) -> float:
    """Return how far apart the numbers are, those far out aside (Tukey 1977: 3 times the quartiles' distance)."""
    low, high = np.quantile(value, [0.25, 0.75])
    reach = 3 * (high - low)
    kept = value[(value >= low - reach) & (value <= high + reach)] if reach else value
    return float(np.ptp(kept)) or 1.0


def correlation(truth: Floats, value: Floats) -> Figure:
    """Return Pearson's correlation."""
    x, y = _centred(truth), _centred(value)

    def statistic(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        shared = total * (weights @ (x * y)) - (weights @ x) * (weights @ y)
        spreads = [total * (weights @ one**2) - (weights @ one) ** 2 for one in (x, y)]
        return ratio(shared, np.sqrt(np.maximum(spreads[0] * spreads[1], 0.0)))

    return Figure.of("Pearson's correlation", coefficient(statistic, np.ones(len(truth))))


def _centred(values: Floats) -> Floats:
    """Return values less their mean, in whatever unit: squares of huge ones overflow, those of tiny ones are 0."""
    held = values / (np.abs(values).max(initial=0) or 1.0)
    held = held - held.mean()
    centred: Floats = held / (np.abs(held).max(initial=0) or 1.0)
    return centred


def read(text: str) -> float:
    try:
        value = as_number(text)
    except ValueError:
        raise ValueError(f"label {short(text)} is not a number") from None
    if not np.isfinite(value):
        raise ValueError(f"label {short(text)} is not a finite number")
    if abs(value) > LARGEST:
        raise ValueError(f"label {short(text)} is too large a number, it should be at most {LARGEST:g}")
    return value
