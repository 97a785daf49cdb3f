"""Workers and pairs whose answers a person should look at; nothing follows from it by itself."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from math import log10
from uuid import UUID

import numpy as np
import scipy
from django.db.models import Q

from apps.aggregation import collusion, suspicion
from apps.aggregation.arrays import Floats, Ints
from apps.aggregation.table import UNKNOWN, Table
from apps.campaigns.models import FEW_REPORTS, Campaign
from apps.kinds import of
from apps.work import queries as work
from apps.work import votes
from apps.work.models import Judgment, Place, Task
from apps.workforce.models import Trace, Worker

MOST_ITEMS = 5000
MOST_SHOWN = 20
MOST_NEAR = 10  # a range that more workers share is a network's, and says nothing of any two
LEAST_BROKEN = 0.01  # of a campaign's items, though it expects less
SIGNS = ("fast", "constant", "chance", "learnt")


@dataclass(frozen=True)
class Suspicion:
    """Args:
    sign: fast, constant, chance, learnt, together or reports.
    workers: one, or two who answer together.
    odds: honest workers show as much once in 10 to this.
    answers: what it rests on; of a pair, the items both answered; of reports, all that was handed in.
    """

    sign: str
    workers: Sequence[Worker]
    odds: float
    answers: int


def suspicions(campaign: Campaign) -> Sequence[Suspicion]:
    """Return what is too unlikely for chance in so large a crowd, the least likely first.

    Reads up to 5,000 items, drawn at random. Of kinds whose answers can't be listed only reports can be compared.
    """
    found = sorted([*_by_reports(campaign), *_by_answers(campaign)], key=lambda one: -one.odds)
    return found[:MOST_SHOWN]


def _by_reports(campaign: Campaign) -> Iterator[Suspicion]:
    """Yield who reports more items as broken than the campaign's share of them explains.

    A binomial tail. Where all report alike it is shown of them all: the items may be broken, or it is easy money.
    """
    drawn = Task.objects.filter(campaign=campaign).order_by("shuffle", "pk").values_list("pk", flat=True)[:MOST_ITEMS]
    made = work.reports(Place.objects.filter(task__in=list(drawn)))
    due = max(campaign.most_reported, LEAST_BROKEN)
    for worker in Worker.objects.filter(pk__in=[pk for pk, one in made.items() if one.made > FEW_REPORTS]):
        one = made[worker.pk]
        odds = suspicion.surprise(scipy.stats.binom.sf(one.made - 1, one.places, due))
        if odds >= suspicion.threshold(len(made)):
            yield Suspicion("reports", [worker], float(odds), one.places)


def _by_answers(campaign: Campaign) -> Sequence[Suspicion]:
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    classes = kind.classes(settings)
    judged = Task.objects.filter(Q(judged__gt=0) | Q(gold=True), campaign=campaign).order_by("shuffle", "pk")
    picked = list(judged.values_list("pk", flat=True)[:MOST_ITEMS])
    if classes is None or not picked:
        return []
    tables = votes.table(campaign, kind, settings, tasks=picked)
    given = tables.votes
    if not given.n_tasks:
        return []
    code = {repr(kind.write(answer)): n for n, answer in enumerate(classes)}
    labels = np.array([code[repr(kind.write(answer))] for answer in given.answers])
    table = Table(given.tasks, given.workers, labels, given.n_tasks, given.n_workers, len(classes))
    known = np.full(given.n_tasks, UNKNOWN)
    for task, answer in given.clamped().items():
        known[task] = code[repr(kind.write(answer))]
    workers = Worker.objects.in_bulk(tables.workers)
    pairs = alike(table, known, near=near(tables.workers))
    found = [*_alone(table, _seconds(campaign, picked, tables), known), *pairs]
    return [
        Suspicion(sign, [workers[tables.workers[code]] for code in codes], odds, answers)
        for sign, codes, odds, answers in found
        if odds >= suspicion.threshold(given.n_workers)
    ]


Row = tuple[str, Sequence[int], float, int]


def _alone(table: Table, seconds: Floats, known: Ints) -> Iterator[Row]:
    signs = suspicion.signs(table, seconds, known)
    answers = np.bincount(table.worker, minlength=table.n_workers)
    for sign in SIGNS:
        score = getattr(signs, sign)
        for worker in np.flatnonzero(score >= suspicion.ALARM):
            yield sign, [int(worker)], float(score[worker]), int(answers[worker])


def alike(table: Table, known: Ints, *, near: Set[tuple[int, ...]]) -> Iterator[Row]:
    """Yield the pairs that answer alike, their odds as if pairs were no more than workers.

    Who share a range of addresses are few and looked at for that, so that chance had fewer tries with them.
    """
    pairs = collusion.pairs(table, known)
    codes = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    close = np.array([both in near for both in codes], dtype=bool)
    tries = np.where(close, close.sum(), (~close).sum())
    odds = pairs.together - np.log10(np.maximum(tries, 1)) + log10(max(table.n_workers, 1))
    for row in np.flatnonzero(odds >= suspicion.ALARM):
        yield "together", codes[row], float(odds[row]), int(pairs.common[row])


def near(workers: Sequence[UUID]) -> set[tuple[int, ...]]:
    """Return the pairs of workers, by their codes, that work from one range of addresses."""
    code = {worker: n for n, worker in enumerate(workers)}
    ranges: dict[str, list[int]] = {}
    traces = Trace.objects.filter(kind=Trace.Kind.NETWORK, worker__in=workers)
    for digest, worker in traces.values_list("digest", "worker_id"):
        ranges.setdefault(digest, []).append(code[worker])
    small = (sorted(set(found)) for found in ranges.values() if len(found) <= MOST_NEAR)
    return {pair for found in small for pair in combinations(found, 2)}


def _seconds(campaign: Campaign, tasks: list[int], tables: votes.Tables) -> Floats:
    """Return the seconds of each answer, in the order of the table's rows: by task, then worker."""
    task_code = {task: code for code, task in enumerate(tables.tasks)}
    worker_code: dict[UUID, int] = {worker: code for code, worker in enumerate(tables.workers)}
    rows = Judgment.objects.filter(campaign=campaign, counted=True, task__in=tasks).order_by("pk")
    read = [
        (task_code[task], worker_code[worker], seconds)
        for task, worker, seconds in rows.values_list("task_id", "worker_id", "seconds").iterator(chunk_size=5000)
        if task in task_code and worker in worker_code
    ]
    return np.array([seconds for _task, _worker, seconds in sorted(read)])
