"""Signs of cheating, each as -log10 of the chance that an honest worker would show as much of it.

    too fast       a worker's median log seconds far below the other workers' medians, by their own spread (MAD), normal
    constant       one label more often than others say it on the same tasks, z = (n - Σ p) / √(Σ p (1 - p))
    at chance      agreement with the others' majority below half of the crowd's edge over chance, binomial
    gold learnt    right on known tasks more often than its other answers agree, beyond what the whole crowd shows
    together       two workers who give the same answer against the others', more often than any two of the crowd do
                   where so many others agree, and than their own errors explain; Poisson

Each says only that something is unlikely: an expert's eye, an easy page or a shared language can be behind it. A person
looks; nothing follows by itself. Whom all answers are compared with are the *other* workers of a task, so that a
cheat does not speak for itself; where most of a crowd cheats together, nothing here sees it.

Dellarocas: Immunizing online reputation reporting systems against unfair ratings. EC 2000 (leave-one-out comparison).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from .arrays import Flags, Floats, Ints, ratio
from .numbers import TO_DEVIATION
from .pairs import within
from .table import UNKNOWN, Table

EVEN = 0.1  # of log seconds: a crowd's paces differ by a tenth at least
SURE = 300.0  # no chance is taken for smaller than 10 to minus this
PRIOR = 4.0


@dataclass(frozen=True, eq=False)
class Signs:
    """All of shape (n_workers,); 0 where nothing can be told."""

    fast: Floats
    constant: Floats
    chance: Floats
    learnt: Floats


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two workers a row who answered the same tasks: how many, and how unlikely their common errors are."""

    first: Ints
    second: Ints
    common: Ints
    together: Floats


def signs(table: Table, seconds: Floats, known: Ints | None = None) -> Signs:
    """Return each worker's signs.

    Args:
        seconds: of each judgment, in the order of the table's rows.
        known: (n_tasks,) labels of gold, -1 where unknown.
    """
    agrees, told = _against_others(table)
    return Signs(
        _fast(table, seconds), _constant(table), _chance(table, agrees, told), _learnt(table, known, agrees, told)
    )


def pairs(table: Table, *, fewest: int = 3) -> Pairs:
    """Return all pairs of workers with at least so many common tasks that others answered too."""
    first, second = within(table.start)
    one, other = table.label[first], table.label[second]
    counts = table.counts()[table.task[first]]
    rows = np.arange(len(first))
    counts[rows, one] -= 1
    counts[rows, other] -= 1
    label, clear = _majority(counts)
    kept = clear & (counts.sum(axis=1) > 0)
    first, second, one, other, label, counts = (column[kept] for column in (first, second, one, other, label, counts))
    wrong = 1 - _rate(table)
    usual = float(np.clip(wrong.mean(), 1e-3, 1.0)) if len(wrong) else 0.1
    together = (one == other) & (one != label)
    # How often any two stand together against so many others of whom so many agree: hard items, and others' own errors.
    others, agree = counts.sum(axis=1).astype(np.int64), counts[np.arange(len(first)), label].astype(np.int64)
    cell = others * (int(others.max(initial=0)) + 1) + agree
    _, place = np.unique(cell, return_inverse=True)
    rate = (np.bincount(place, together) + 1) / (np.bincount(place) + 2 * table.n_labels)
    prone = wrong[table.worker[first]] * wrong[table.worker[second]] / usual**2
    expected = np.minimum(rate[place] * np.maximum(prone, 1.0), 1.0)
    key = table.worker[first].astype(np.int64) * table.n_workers + table.worker[second]
    found, place, common = np.unique(key, return_inverse=True, return_counts=True)
    seen = np.bincount(place, together, minlength=len(found))
    due = np.bincount(place, expected, minlength=len(found))
    enough = common >= fewest
    score = _surprise(scipy.stats.poisson.sf(seen - 1, due))
    return Pairs(
        (found // table.n_workers)[enough].astype(np.int64),
        (found % table.n_workers)[enough].astype(np.int64),
        common[enough],
        np.where(seen > due, score, 0.0)[enough],
    )


def _fast(table: Table, seconds: Floats) -> Floats:
    pace = np.full(table.n_workers, np.nan)
    log = np.log(np.maximum(seconds, 1e-3))
    order = np.argsort(table.worker, kind="stable")
    ends = np.cumsum(np.bincount(table.worker, minlength=table.n_workers))
    for worker, rows in enumerate(np.split(order, ends[:-1])):
        if len(rows):
            pace[worker] = np.median(log[rows])
    if not (~np.isnan(pace)).any():
        return np.zeros(table.n_workers)
    middle = np.nanmedian(pace)
    spread = max(float(TO_DEVIATION * np.nanmedian(np.abs(pace - middle))), EVEN)
    return np.where(np.isnan(pace), 0.0, _surprise(scipy.stats.norm.sf((middle - np.nan_to_num(pace)) / spread)))


def _constant(table: Table) -> Floats:
    counts = table.counts()[table.task]
    counts[np.arange(len(table)), table.label] -= 1
    prior = (table.counts().sum(axis=0) + 1) / (len(table) + table.n_labels)
    expected = (counts + PRIOR * prior) / (counts.sum(axis=1, keepdims=True) + PRIOR)
    score = np.zeros(table.n_workers)
    for label in range(table.n_labels):
        said = np.bincount(table.worker, table.label == label, minlength=table.n_workers)
        due = np.bincount(table.worker, expected[:, label], minlength=table.n_workers)
        spread = np.bincount(table.worker, expected[:, label] * (1 - expected[:, label]), minlength=table.n_workers)
        score = np.maximum(score, _surprise(scipy.stats.norm.sf(ratio(said - due, np.sqrt(spread), otherwise=0.0))))
    return np.where(np.bincount(table.worker, minlength=table.n_workers) > 0, score, 0.0)


def _chance(table: Table, agrees: Flags, told: Flags) -> Floats:
    right, heard = _by_worker(table, agrees, told)
    crowd = (right + PRIOR * _overall(agrees, told)) / (heard + PRIOR)
    usual = float(np.median(crowd)) if len(crowd) else 1.0
    half = (1 / table.n_labels + usual) / 2
    return np.where(heard > 0, _surprise(scipy.stats.binom.cdf(right, heard, min(half, 1.0))), 0.0)


def _learnt(table: Table, known: Ints | None, agrees: Flags, told: Flags) -> Floats:
    if known is None or not (np.asarray(known) != UNKNOWN).any():
        return np.zeros(table.n_workers)
    truth = np.asarray(known)[table.task]
    gold = truth != UNKNOWN
    right, asked = _by_worker(table, truth == table.label, gold)
    agreed, heard = _by_worker(table, agrees, told & ~gold)
    # What gold is easier than the rest for the crowd is no sign of anything.
    ease = _logit(float(right.sum() + 1) / float(asked.sum() + 2)) - _logit(
        float(agreed.sum() + 1) / float(heard.sum() + 2)
    )
    elsewhere = (agreed + 1) / (heard + 2)
    due = 1 / (1 + np.exp(-(np.log(elsewhere) - np.log1p(-elsewhere) + ease)))
    # How well it does elsewhere is itself uncertain: a beta-binomial of as many answers as were heard.
    tail = scipy.stats.betabinom.sf(right - 1, asked, due * (heard + 2), (1 - due) * (heard + 2))
    return np.where((asked > 0) & (heard > 0), _surprise(tail), 0.0)


def _against_others(table: Table) -> tuple[Flags, Flags]:
    """Tell of each judgment whether it is the other workers' majority, and whether they have a clear one."""
    counts = table.counts()[table.task]
    counts[np.arange(len(table)), table.label] -= 1
    label, clear = _majority(counts)
    return table.label == label, clear


def _majority(counts: Floats) -> tuple[Ints, Flags]:
    label = counts.argmax(axis=1)
    top = counts.max(axis=1, initial=0.0)
    clear: Flags = (top > 0) & ((counts == top[:, None]).sum(axis=1) == 1)
    return label, clear


def _rate(table: Table) -> Floats:
    """Return how often each worker agrees with the others' majority, shrunk to the crowd's."""
    agrees, told = _against_others(table)
    right, heard = _by_worker(table, agrees, told)
    rate: Floats = (right + PRIOR * _overall(agrees, told)) / (heard + PRIOR)
    return rate


def _by_worker(table: Table, right: Flags, among: Flags) -> tuple[Ints, Ints]:
    hits = np.bincount(table.worker, right & among, minlength=table.n_workers)
    return hits, np.bincount(table.worker, among, minlength=table.n_workers)


def _overall(right: Flags, among: Flags) -> float:
    return float((right & among).sum() + 1) / float(among.sum() + 2)


def _logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


def _surprise(chance: Floats) -> Floats:
    score: Floats = np.minimum(-np.log10(np.maximum(chance, 10**-SURE)), SURE) + 0.0
    return score
