"""Numbers that several workers gave to one task: their mean, and a mean that outliers cannot move.

Robust mean: Huber's M-estimate, by iteratively reweighted means from the median, with the spread s of one answer
estimated over all tasks (a few answers to one task cannot tell it) from all pairs of answers x, y to one task:

    μ_t = Σ w x / Σ w      w = min(1, c s / |x - μ_t|)      s = 1.4826 · median of |x - y| / √2      c = 1.345

Where more than half of all pairs are equal, s = √π / 2 · mean of |x - y| (Gini's), lest the mean become the median; of
distances cut at the 95th of a hundred, lest one slip be all of it.

Huber: Robust estimation of a location parameter. Annals of Mathematical Statistics 35, 1964.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .answers import in_order
from .arrays import Floats, Ints, ratio
from .pairs import within
from .table import BadTable

HUBER = 1.345  # standard deviations; 95 % as efficient as the mean on normal errors
GROSS = 6.0  # standard deviations: opinions have heavier tails than normal errors, slips lie further off still
LIKELY = 1.645  # standard deviations of a normal distribution that 95 in 100 stay below
DUST = 64 * float(np.finfo(np.float64).eps)  # of a number: how far off a mean of the same numbers is computed
PAIRED = 100  # answers to one task that tell the spread
TO_DEVIATION = 1.4826  # standard deviation of a normal distribution over its median absolute deviation


@dataclass(frozen=True, eq=False)
class Measurements:
    """Numbers as three parallel arrays, put in order of task, then worker, so that row order changes nothing."""

    task: Ints
    worker: Ints
    value: Floats
    n_tasks: int
    n_workers: int
    start: Ints = field(init=False)  # (n_tasks + 1,); rows start[t]:start[t + 1] are the answers to task t

    def __post_init__(self) -> None:
        order, task, worker, start = in_order(self.task, self.worker, self.n_tasks, self.n_workers)
        value: Floats = np.asarray(self.value, dtype=np.float64)
        if value.shape != task.shape:
            raise BadTable(f"task and value must be equally long, not {len(task)} and {value.size}")
        if not np.isfinite(value).all():
            raise BadTable("values must be finite numbers")
        value = value[order]
        value.flags.writeable = False
        for name, array in (("task", task), ("worker", worker), ("value", value), ("start", start)):
            object.__setattr__(self, name, array)

    @property
    def votes(self) -> Ints:
        """How many numbers each task got, shape (n_tasks,)."""
        return np.diff(self.start)


@dataclass(frozen=True, eq=False)
class Estimate:
    """Args:
    value: (n_tasks,) the combined number, nan without answers.
    error: (n_tasks,) its standard error; nan where it cannot be told.
    precision: (n_workers,) 1 / variance of the worker's errors; nan where unknown.
    """

    value: Floats
    error: Floats
    precision: Floats


def mean(table: Measurements) -> Estimate:
    """Return each task's mean, its standard error from the spread that all tasks share.

    >>> mean(Measurements([0, 0, 1], [0, 1, 0], [1.0, 3.0, 5.0], n_tasks=2, n_workers=2)).value.tolist()
    [2.0, 5.0]
    """
    value = weighted_mean(table, np.ones(len(table.value)))
    free = float(np.maximum(table.votes - 1, 0).sum())
    variance = float((errors(table, value) ** 2).sum()) / free if free else np.nan
    return _estimate(table, value, variance, np.ones(len(table.value)))


def errors(table: Measurements, value: Floats) -> Floats:
    """Return how far each answer is from its task's combined number, 0 where it is the same but for rounding.

    >>> errors(Measurements([0] * 3, [0, 1, 2], [0.1] * 3, 1, 3), np.array([(0.1 + 0.1 + 0.1) / 3])).tolist()
    [0.0, 0.0, 0.0]
    """
    off: Floats = table.value - value[table.task]
    return np.where(np.abs(off) <= DUST * np.abs(table.value), 0.0, off)


def median(table: Measurements, *, given: bool = False) -> Floats:
    """Return each task's median, nan without answers: (n_tasks,); with `given` the lower of two in the middle."""
    order = np.lexsort((table.value, table.task))
    ranked, votes, found = table.value[order], table.votes, np.full(table.n_tasks, np.nan)
    some = np.flatnonzero(votes)
    low, high = table.start[some] + (votes[some] - 1) // 2, table.start[some] + votes[some] // 2
    found[some] = ranked[low] if given else (ranked[low] + ranked[high]) / 2
    return found


def robust(table: Measurements, *, rounds: int = 50) -> Estimate:
    """Return each task's Huber mean: equal to the mean where answers are near each other.

    >>> table = Measurements([0] * 5, list(range(5)), [1.0, 1.1, 0.9, 1.0, 99.0], n_tasks=1, n_workers=5)
    >>> robust(table).value.round(2).tolist()
    [1.05]
    """
    value, spread = median(table), deviation(table)
    if not spread > 0.0:
        return _estimate(table, value, spread, np.ones(len(table.value)))
    weight = np.ones(len(table.value))
    for _ in range(rounds):
        distance = np.abs(table.value - value[table.task])
        weight = np.minimum(1.0, HUBER * spread / np.maximum(distance, 1e-300))
        before, value = value, weighted_mean(table, weight)
        if np.nanmax(np.abs(value - before)) < 1e-9 * spread:
            break
    return _estimate(table, value, spread**2, weight)


def deviation(table: Measurements) -> float:
    """Return the standard deviation s of one answer, from all pairs of answers to one task.

    It is 0 where all agree, and nan where no task has two.
    """
    gaps = _gaps(table)
    if not len(gaps):
        return np.nan
    middle, far = np.quantile(gaps, [0.5, 0.95])
    return float(TO_DEVIATION * middle / np.sqrt(2) or np.sqrt(np.pi) / 2 * np.minimum(gaps, far).mean())


def split(table: Measurements) -> Floats:
    """Return the error of tasks whose own answers lie so far apart that nothing tells which is a slip; 0 of others.

    So they do where half of them are further than 6 s from their median: (n_tasks,).
    """
    off = np.abs(table.value - median(table)[table.task])
    apart = median(Measurements(table.task, table.worker, off, table.n_tasks, table.n_workers))
    return np.where(apart > GROSS * deviation(table), TO_DEVIATION * apart / np.sqrt(np.maximum(table.votes, 1)), 0.0)


def are_counted(table: Measurements) -> bool:
    """Tell whether most pairs of answers to one task are the same number, as with counts, prices and years.

    A mean of such answers is a number that nobody gave, and one slip moves it. Pairs that chance makes the same tell
    nothing: where most of all answers are 0, as on a scale from "not at all", so are most pairs, whatever is asked.

        (o - e) / (1 - e) ≥ ½,  o: share of pairs that are the same, e: of any two answers, drawn with replacement

    With o the lower end of Wilson's interval, one-sided at 95 %, of as many pairs as there are answers after the first
    to a task: the others of its pairs follow. A few pairs that agree tell nothing of how answers to others lie.

    Scott: Reliability of content analysis: the case of nominal scale coding. Public Opinion Quarterly 19, 1955.

    >>> task, worker = np.arange(40) // 2, np.arange(40) % 2
    >>> [are_counted(Measurements(task, worker, given, 20, 2)) for given in (task, task * worker)]
    [True, False]
    >>> are_counted(Measurements([0, 0, 1, 1], [0, 1] * 2, [3, 3, 8, 8], 2, 2))
    False
    """
    gaps = _gaps(table)
    if not len(gaps):
        return False
    _, times = np.unique(table.value[table.votes[table.task] > 1], return_counts=True)
    observed, expected = float((gaps == 0.0).mean()), float(((times / times.sum()) ** 2).sum())
    told = float(np.maximum(table.votes - 1, 0).sum())
    off = LIKELY * np.sqrt(observed * (1 - observed) / told + (LIKELY / told / 2) ** 2)
    lowest = (observed + LIKELY**2 / told / 2 - off) / (1 + LIKELY**2 / told)
    return bool(lowest - expected >= (1 - expected) / 2)


def _gaps(table: Measurements) -> Floats:
    first, second = within(table.start, most=PAIRED)
    gaps: Floats = np.abs(table.value[first] - table.value[second])
    return gaps


def winsorised(table: Measurements) -> Measurements:
    """Return the numbers with those further than 6 s from their task's median moved there: slips, not opinions.

    >>> table = Measurements([0] * 5, list(range(5)), [1.0, 1.1, 0.9, 1.0, 99.0], n_tasks=1, n_workers=5)
    >>> winsorised(table).value.round(1).tolist()
    [1.0, 1.1, 0.9, 1.0, 1.9]
    """
    if (table.votes < 2).all():
        return table
    middle, reach = median(table)[table.task], GROSS * deviation(table)
    value = np.clip(table.value, middle - reach, middle + reach)
    return Measurements(table.task, table.worker, value, table.n_tasks, table.n_workers)


def weighted_mean(table: Measurements, weight: Floats) -> Floats:
    """Return each task's mean with a weight for each answer, nan without answers: (n_tasks,)."""
    total = np.bincount(table.task, weight, minlength=table.n_tasks)
    sums = np.bincount(table.task, weight * table.value, minlength=table.n_tasks)
    return ratio(sums, total)


def standard_error(table: Measurements, variance: float, held: Floats | Ints) -> Floats:
    """Return the error of each task's mean of so many answers of this variance, nan where nothing tells it: (n_tasks,).

    Pairs that all agree tell that of their own tasks; of a lone answer it is not known to be none.
    """
    error: Floats = np.sqrt(ratio(variance, held))
    return np.where((error == 0.0) & (table.votes < 2), np.nan, error)


def _estimate(table: Measurements, value: Floats, variance: float, weight: Floats) -> Estimate:
    held = np.bincount(table.task, weight, minlength=table.n_tasks)
    error = standard_error(table, variance, held)
    squares = np.bincount(table.worker, errors(table, value) ** 2, minlength=table.n_workers)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    precision = ratio(answers, squares)
    return Estimate(value, error, precision)
