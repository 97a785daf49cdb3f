"""A campaign's counted answers: as a table for the methods, and as counts of which tasks got which answers."""

import json
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from apps.campaigns.models import Campaign
from apps.campaigns.queries import scoring_gold
from apps.kinds.votes import Votes
from apps.work.models import Judgment, Task

MOST_READ = 10_000  # answers that are kept as read
_ALL = """
    SELECT j.task_id, j.answer FROM work_judgment j JOIN work_task t ON t.id = j.task_id
    WHERE j.campaign_id = %(campaign)s AND j.counted AND NOT t.gold
    """
_BY_DESIGN = """
    SELECT task_id, answer FROM (
        SELECT j.task_id, j.answer, t.shuffle, row_number() OVER (PARTITION BY j.task_id ORDER BY j.id) AS place
        FROM work_judgment j JOIN work_task t ON t.id = j.task_id
        WHERE j.campaign_id = %(campaign)s AND j.counted AND NOT t.gold
    ) placed WHERE place <= %(first)s OR shuffle %% %(every)s = 0
    """


@dataclass(frozen=True)
class Tables:
    """A campaign's counted answers, as a kind combines them: `tasks` and `workers` give the rows of its codes."""

    votes: Votes
    tasks: list[int]
    workers: list[UUID]


def table(campaign: Campaign, kind: Any, settings: Any, *, tasks: list[int] | None = None) -> Tables:
    """Read a campaign's counted answers (of these tasks only, if given), known answers of gold clamped.

    Streams from the database; costs memory for the answers it returns.
    """
    import numpy as np  # noqa: PLC0415  # web processes that never combine don't load it

    rows = Judgment.objects.filter(campaign=campaign, counted=True)
    if silent := _silent(campaign):
        rows = rows.exclude(task__in=silent)
    if tasks is not None:
        rows = rows.filter(task__in=tasks)
    task_index: dict[int, int] = {}
    worker_index: dict[UUID, int] = {}
    task_codes, worker_codes, answers = array("q"), array("q"), []
    # Of answers that can be listed each is read once: as text, which spares a million times the same.
    read = lru_cache(MOST_READ)(lambda written: kind.read(json.loads(written), settings))
    stream = rows.order_by("pk").values_list("task_id", "worker_id", Cast("answer", TextField()))
    for task, worker, written in stream.iterator(chunk_size=5000):
        task_codes.append(task_index.setdefault(task, len(task_index)))
        worker_codes.append(worker_index.setdefault(worker, len(worker_index)))
        answers.append(read(written))
    known = dict(_known(campaign, kind, settings, task_index))
    votes = Votes(
        tasks=np.array(task_codes, dtype=np.int64),
        workers=np.array(worker_codes, dtype=np.int64),
        answers=answers,
        n_tasks=len(task_index),
        n_workers=len(worker_index),
        known=known,
    )
    return Tables(votes, list(task_index), list(worker_index))


def patterns(campaign: Campaign, *, full_every: int) -> Iterator[tuple[list[tuple[Any, int]], int]]:
    """Yield each combination of counted answers that ordinary tasks got, and how many tasks got it.

    An answer stands beside the number of those who gave it, as the kind writes it. The database counts: of answers
    that can be listed there are few combinations, whatever the number of judgments. Where tasks are judged again
    for what their answers were, only answers count that would have been asked for whatever these were: as many as each
    task gets at first, and all of the tasks that are judged to the full by lot.

    Args: full_every: of the tasks' random order, one in so many is judged to the full by lot.
    """
    asked = _BY_DESIGN if campaign.is_adaptive else _ALL
    given: dict[str, Any] = {"campaign": campaign.pk, "first": campaign.redundancy, "every": full_every}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH given AS (
                SELECT task_id, answer, count(*) AS times FROM ({asked}) asked GROUP BY task_id, answer
            ), pattern AS (
                SELECT jsonb_agg(jsonb_build_array(answer, times) ORDER BY answer) AS kept FROM given GROUP BY task_id
            )
            SELECT kept, count(*) FROM pattern GROUP BY kept
            """,  # noqa: S608  # one of two texts above
            given,
        )
        for answers, tasks in cursor:
            yield json.loads(answers), tasks


def _known(campaign: Campaign, kind: Any, settings: Any, index: Mapping[int, int]) -> Iterator[tuple[int, list[Any]]]:
    golds = Task.objects.filter(campaign=campaign, gold=True).values_list("pk", "item_id")
    answers = dict(scoring_gold(campaign).values_list("item_id", "answers"))
    for task, item in golds:
        if task in index and item in answers:
            yield index[task], [kind.read(answer, settings) for answer in answers[item]]


def _silent(campaign: Campaign) -> list[int]:
    """Return the gold tasks that say nothing about workers: they teach, or are contested. Mostly none."""
    scoring = scoring_gold(campaign).values("item")
    return list(
        Task.objects.filter(campaign=campaign, gold=True, item__in=campaign.gold.values("item"))
        .exclude(item__in=scoring)
        .values_list("pk", flat=True)
    )
