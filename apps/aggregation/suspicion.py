"""Signs of cheating, each as -log10 of the chance that an honest worker would show as much of it.

    too fast       a worker's median log seconds far below the other workers' medians:
                   Student's t, with as many degrees of freedom as workers tell the spread, of
                   z = (median - crowd's) / √(between² + π/2 · within² / n)
                   within: MAD of log seconds from their worker's median; π/2: what a median varies more than a mean
    constant       one label more often than others say it on the same tasks, beyond honest workers' habits: the tail of
                   `habits`, times the number of labels, of which the least likely is taken (Bonferroni)
    at chance      agreement with the others' majority below half of the crowd's edge over chance, binomial
    gold learnt    right on known tasks more often than its other answers agree, beyond what the whole crowd shows

Each says only that something is unlikely: an expert's eye, an easy page or a shared language can be behind it. A person
looks; nothing follows by itself. Whom all answers are compared with are the *other* workers of a task, so that a
cheat does not speak for itself; where most of a crowd cheats together, nothing here sees it. Of a worker with fewer
than 10 answers nobody knows the pace or the habits, and neither is a sign.

Dellarocas: Immunizing online reputation reporting systems against unfair ratings. EC 2000 (leave-one-out comparison).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from . import habits
from .arrays import Flags, Floats, Ints
from .numbers import TO_DEVIATION
from .table import UNKNOWN, Table

EVEN = 0.1  # of log seconds: a crowd's paces differ by a tenth at least
FEWEST = 10  # answers from which on a worker has a pace and a habit
SURE = 300.0  # no chance is taken for smaller than 10 to minus this
PRIOR = 4.0
ALARM = 1.0  # each sign shows by chance in one honest crowd of 10 to this


@dataclass(frozen=True, eq=False)
class Signs:
    """All of shape (n_workers,); 0 where nothing can be told."""

    fast: Floats
    constant: Floats
    chance: Floats
    learnt: Floats


def threshold(n: int) -> float:
    """Return from when on a sign is worth a look, among n honest workers or pairs who could all show it by chance.

    >>> threshold(100)
    3.0
    """
    return ALARM + float(np.log10(max(n, 1)))


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


def _fast(table: Table, seconds: Floats) -> Floats:
    log = np.log(np.maximum(seconds, 1e-3))
    answers = np.bincount(table.worker, minlength=table.n_workers)
    order = np.argsort(table.worker, kind="stable")
    parts = np.split(log[order], np.cumsum(answers)[:-1])
    pace = np.array([np.median(part) if len(part) else np.nan for part in parts])
    heard = answers >= FEWEST
    if not heard.any():
        return np.zeros(table.n_workers)
    own = np.abs(log - pace[table.worker])[heard[table.worker]]
    variance = np.pi / 2 * (TO_DEVIATION * float(np.median(own))) ** 2 / np.maximum(answers, 1)
    apart = pace - np.median(pace[heard])
    between = max(habits.spread(apart[heard], variance[heard]), EVEN)
    z = np.where(heard, apart, 0.0) / np.sqrt(between**2 + variance)
    return np.where(heard, surprise(scipy.stats.t.cdf(z, habits.freedom(int(heard.sum())))), 0.0)


def _constant(table: Table) -> Floats:
    counts = table.counts()[table.task]
    counts[np.arange(len(table)), table.label] -= 1
    others = counts.sum(axis=1)
    prior = (table.counts().sum(axis=0) + 1) / (len(table) + table.n_labels)
    expected = (counts + PRIOR * prior) / (others + PRIOR)[:, None]
    told = others > 0
    worker, label = table.worker[told], table.label[told]
    heard = np.bincount(worker, minlength=table.n_workers) >= FEWEST
    tail = np.ones(table.n_workers)
    for code in range(table.n_labels):
        said = np.bincount(worker, label == code, minlength=table.n_workers)
        tail = np.minimum(tail, habits.tails(worker, expected[told, code], said, table.n_workers))
    # The least likely of so many labels: Bonferroni.
    return np.where(heard, surprise(np.minimum(tail * table.n_labels, 1.0)), 0.0)


def _chance(table: Table, agrees: Flags, told: Flags) -> Floats:
    right, heard = _by_worker(table, agrees, told)
    crowd = (right + PRIOR * _overall(agrees, told)) / (heard + PRIOR)
    usual = float(np.median(crowd)) if len(crowd) else 1.0
    half = (1 / table.n_labels + usual) / 2
    return np.where(heard > 0, surprise(scipy.stats.binom.cdf(right, heard, min(half, 1.0))), 0.0)


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
    return np.where((asked > 0) & (heard > 0), surprise(tail), 0.0)


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


def _by_worker(table: Table, right: Flags, among: Flags) -> tuple[Ints, Ints]:
    hits = np.bincount(table.worker, right & among, minlength=table.n_workers)
    return hits, np.bincount(table.worker, among, minlength=table.n_workers)


def _overall(right: Flags, among: Flags) -> float:
    return float((right & among).sum() + 1) / float(among.sum() + 2)


def _logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


def surprise(chance: Floats) -> Floats:
    """Return -log10 of chances, none taken for smaller than 10 to minus `SURE`.

    >>> float(surprise(np.array(0.01)))
    2.0
    """
    score: Floats = np.minimum(-np.log10(np.maximum(chance, 10**-SURE)), SURE) + 0.0
    return score
