"""Two workers who give one answer: more agreement than their skill and the items explain, by a likelihood ratio.

Of a task that workers i and j both answered, q[k] is how likely its true label is k by the *others'* answers, and θ a
worker's confusions, both of Dawid-Skene with a pooled prior. Answers x and y of honest workers have only the truth in
common; of those who copy, both gave what one of the two would have given:

    P(honest) = Σ over k of q[k] · θ_i[x, k] · θ_j[y, k]
    P(copied) = Σ over k of q[k] · (θ_i[x, k] + θ_j[y, k]) / 2 where x = y, 0 elsewhere
    LR(c)     = ∏ over common tasks of (1 - c) + c · P(copied) / P(honest),    LR = mean of LR(c) over shares c copied

So right answers that are the same say little and wrong ones much, most on gold, where q is certain; a confusion that
two have by their nature explains what they share by it. Items mislead in ways of their own, which Dawid-Skene does not
know: q ∝ π · (∏ θ)^s, with the s that makes what all pairs answered the likeliest, as if all were honest.

Under honesty the mean of LR is 1, so its chance to reach x is at most 1 / x (Markov), however few the tasks; among n
pairs some reach it with a chance of n / x at most. Between two known chances no test finds more than the ratio does.

Neyman, Pearson: On the problem of the most efficient tests of statistical hypotheses. Phil. Trans. A 231, 1933.
Shafer: Testing by betting. JRSS A 184, 2021 (a likelihood ratio as evidence, and why its mean over c is one too).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from . import em, pooled
from .arrays import Floats, Ints
from .pairs import within
from .table import UNKNOWN, Known, Table

COPIED = np.array([0.2, 0.4, 0.6, 0.8, 0.95])
SHARPNESS = np.array([1.0, 0.8, 0.6, 0.45, 0.35, 0.25, 0.15])
PAIRED = 200  # answers to one task of which every two are looked at
ROWS = 1 << 16  # of pairs handled at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two workers a row: how many tasks both answered, and log10 of how much likelier copying makes their answers."""

    first: Ints
    second: Ints
    common: Ints
    together: Floats


def pairs(table: Table, known: Known | None = None, *, fewest: int = 3) -> Pairs:
    """Return all pairs of workers with at least so many common tasks, each known or answered by others as well.

    `together` is 0 where nothing speaks for copying.
    Of a task that more than 200 answered, so many at random are looked at.
    """
    met = _Met(table, known)
    key = table.worker[met.first].astype(np.int64) * table.n_workers + table.worker[met.second]
    found, place, common = np.unique(key, return_inverse=True, return_counts=True)
    honest, copied = met.likelihoods(met.sharpness())
    by_share = [np.bincount(place, np.log(1 - c + c * copied / honest), minlength=len(found)) for c in COPIED]
    together = scipy.special.logsumexp(by_share, axis=0, b=1 / len(COPIED)) / np.log(10)
    enough = common >= fewest
    first, second = np.divmod(found[enough], table.n_workers)
    return Pairs(first, second, common[enough], np.maximum(together[enough], 0.0))


class _Met:
    """Every two answers to the same task, beside what all others said of it."""

    def __init__(self, table: Table, known: Known | None) -> None:
        self.table, self.known = table, table.clamp(known)
        first, second = within(table.start, most=PAIRED)
        told = ((table.votes > 2) | (self.known != UNKNOWN))[table.task[first]]
        self.first, self.second = first[told], second[told]
        fit = pooled.fit(table, known)
        confusion, prior = np.asarray(fit.diagnostics.confusion), np.asarray(fit.diagnostics.prior)
        self.prior = np.log(np.maximum(prior, em.FLOOR))
        self.said = np.maximum(confusion.transpose(0, 2, 1)[table.worker, table.label], em.FLOOR)  # (rows, true label)
        self.all = np.zeros((table.n_tasks, table.n_labels))
        np.add.at(self.all, table.task, np.log(self.said))

    def sharpness(self) -> float:
        """Return the s of the formula above, by a part of the rows."""
        part = np.random.default_rng(0).permutation(len(self.first))[:ROWS]
        fits = [np.log(self._likelihoods(part, s)[0]).sum() for s in SHARPNESS]
        return float(SHARPNESS[int(np.argmax(fits))])

    def likelihoods(self, sharpness: float) -> tuple[Floats, Floats]:
        """Return how likely each two answers are, of honest workers and of those who copy."""
        blocks = [np.arange(n, min(n + ROWS, len(self.first))) for n in range(0, len(self.first), ROWS)]
        both = [self._likelihoods(rows, sharpness) for rows in blocks] or [(np.zeros(0), np.zeros(0))]
        honest, copied = (np.concatenate(column) for column in zip(*both, strict=True))
        return honest, copied

    def _likelihoods(self, rows: Ints, sharpness: float) -> tuple[Floats, Floats]:
        first, second = self.first[rows], self.second[rows]
        one, other, task = self.said[first], self.said[second], self.table.task[first]
        others = scipy.special.softmax(self.prior + sharpness * (self.all[task] - np.log(one) - np.log(other)), axis=1)
        gold = np.flatnonzero(self.known[task] != UNKNOWN)
        others[gold] = np.eye(self.table.n_labels)[self.known[task[gold]]]
        alike = self.table.label[first] == self.table.label[second]
        return (others * one * other).sum(axis=1), alike * (others * (one + other)).sum(axis=1) / 2
