"""How many questions campaigns still have for a worker: two statements for all of them, at a cost that has a bound.

What a worker did before is not gone past: it is looked from where the worker's walk through a campaign stands on, where
hardly anything was asked of them, and behind it no further than `MOST_LOOKED_AT` open tasks.
"""

import math
from collections.abc import Collection
from uuid import UUID

from django.db import connection

from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.core import clock
from apps.workforce import queries as workforce
from apps.workforce.models import Worker

FEW, MANY = 1, 50  # so many at least: what is told of the questions left, where some of them are gold
MOST_COUNTED = 200  # a worker plans by "at least so many"; counting a million open tasks would cost a second
MOST_LOOKED_AT = 5_000  # open tasks of each stretch of the walk, some 20 ms where all of them were asked before

_HAD = """EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = ANY(%(person)s)
                  AND p.state <> 'released' OFFSET 0)"""  # never a join: that would read all that anybody did
_OPEN = """t.campaign_id = asked.id AND t.state = 'open' AND NOT t.gold AND t.taken < t.wanted
           AND (t.closes_at IS NULL OR t.closes_at > %(now)s)"""


def _stretch(where: str) -> str:
    """Return how many tasks of a stretch of the walk were not had, as far as it is looked at."""
    return f"""(
        SELECT count(*) AS n FROM (
            SELECT 1 FROM (SELECT t.id FROM work_task t WHERE {_OPEN} AND NOT t.reserved AND {where}
                           ORDER BY t.shuffle LIMIT %(looked)s) t
            WHERE NOT {_HAD} LIMIT %(most)s) found
    )"""  # noqa: S608  # constants of ours


def _length(where: str) -> str:
    """Return how many open tasks a stretch of the walk has, as far as it is looked at."""
    return f"""(
        SELECT count(*) AS n FROM (SELECT 1 FROM work_task t WHERE {_OPEN} AND NOT t.reserved AND {where}
                                   LIMIT %(looked)s) open
    )"""  # noqa: S608  # constants of ours


_LEFT = f"""
    SELECT asked.id, ahead.n + behind.n + own.n, greatest(before.n, gone.n) = %(looked)s
    FROM unnest(%(campaigns)s::uuid[]) asked (id)
    LEFT JOIN work_seat seat ON seat.campaign_id = asked.id AND seat.worker_id = %(worker)s
    CROSS JOIN LATERAL (SELECT coalesce(seat.task_cursor, -1) AS at) stands
    CROSS JOIN LATERAL {_stretch("t.shuffle > stands.at")} ahead
    CROSS JOIN LATERAL {_stretch("t.shuffle <= stands.at AND ahead.n < %(most)s")} behind
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
            SELECT 1 FROM campaigns_reservation r
            JOIN work_task t ON t.campaign_id = r.campaign_id AND t.item_id = r.item_id
            WHERE r.campaign_id = asked.id AND r.worker_id = %(worker)s AND {_OPEN} AND t.reserved AND NOT {_HAD}
            LIMIT %(most)s) found
    ) own
    CROSS JOIN LATERAL {_length("t.shuffle > stands.at AND ahead.n + behind.n + own.n = 0")} before
    CROSS JOIN LATERAL {_length("t.shuffle <= stands.at AND ahead.n + behind.n + own.n = 0")} gone
"""  # noqa: S608  # constants of ours

_GOLD = """
    SELECT asked.id, there.n, had.n,
           (SELECT count(*) FROM (
                SELECT 1 FROM work_assignment a JOIN work_place p ON p.assignment_id = a.id
                JOIN work_task t ON t.id = p.task_id
                WHERE a.campaign_id = asked.id AND a.worker_id = ANY(%(person)s) AND p.state <> 'released'
                  AND NOT t.gold
                LIMIT greatest(0, ceil((there.n - asked.early) / asked.odds))::bigint) place)
    FROM unnest(%(campaigns)s::uuid[], %(odds)s::float[], %(early)s::float[]) asked (id, odds, early)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM work_task t WHERE t.campaign_id = asked.id AND t.state = 'open' AND t.gold
    ) there
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM campaigns_goldquestion g
        JOIN work_task t ON t.campaign_id = g.campaign_id AND t.item_id = g.item_id AND t.gold
        JOIN work_place p ON p.task_id = t.id AND p.worker_id = ANY(%(person)s) AND p.state <> 'released'
        WHERE g.campaign_id = asked.id
    ) had
"""

_TO_LEARN = """
    SELECT asked.id, left_.n FROM unnest(%(campaigns)s::uuid[]) asked (id) CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
            SELECT 1 FROM work_task t WHERE t.campaign_id = asked.id AND t.state = 'open' AND t.gold
              AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = %(worker)s
                              AND p.state <> 'released')
            LIMIT %(most)s) found
    ) left_
"""


def questions_left(worker: Worker, *, campaigns: Collection[Campaign]) -> dict[UUID, int]:
    """Return how many questions campaigns still have for a worker: of a training the number, else 0, `FEW` or `MANY`.

    Gold is no part of the work, so who counts its tasks alone sees by their number which question was none of them. It
    is counted as it is met, and what was had counts to what there is in all: whatever a worker takes, answers, skips or
    gives back moves the sum by as much for gold as for the rest. Others move it by ordinary questions alone, hence the
    steps. Where more open tasks were had than are looked at, it is `FEW`: a lease looks at all of them.
    """
    trainings = [campaign for campaign in campaigns if not campaign.is_work]
    works = [campaign for campaign in campaigns if campaign.is_work]
    found = dict(_to_learn(worker, trainings)) if trainings else {}
    return found | (_of_work(worker, works) if works else {})


def _to_learn(worker: Worker, campaigns: Collection[Campaign]) -> list[tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TO_LEARN, {"campaigns": _ids(campaigns), "worker": worker.pk, "most": MOST_COUNTED})
        return list(cursor.fetchall())


def _of_work(worker: Worker, campaigns: Collection[Campaign]) -> dict[UUID, int]:
    person = [worker.pk, *workforce.linked(worker)]
    with connection.cursor() as cursor:
        cursor.execute(
            _LEFT,
            {
                "campaigns": _ids(campaigns), "worker": worker.pk, "person": person, "now": clock.now(),
                "most": MOST_COUNTED, "looked": MOST_LOOKED_AT,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    counted = {campaign: n for campaign, n, _goes_on in rows}
    few = [campaign for campaign in campaigns if 0 < counted[campaign.pk] < MOST_COUNTED]
    in_all = counted | {pk: counted[pk] + golds for pk, golds in _gold_to_come(person, few, counted).items()}
    return {campaign: _told(in_all[campaign], n, goes_on=goes_on) for campaign, n, goes_on in rows}


def _told(in_all: float, tasks: int, *, goes_on: bool) -> int:
    if not tasks:
        return FEW if goes_on else 0
    return MANY if in_all >= MANY else FEW


def _gold_to_come(person: list[UUID], campaigns: list[Campaign], left: dict[UUID, int]) -> dict[UUID, float]:
    """Return how much gold somebody is still to expect, by campaign, beside all they had and so many questions more.

    Of what they had, as much is counted as could move it: no more gold comes than there is.
    """
    odds = {one.pk: one.gold_share / (1 - one.gold_share) for one in campaigns}
    early = {one.pk: one.gold_among(EARLY_PLACES) - one.gold_share * EARLY_PLACES for one in campaigns}
    if not campaigns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _GOLD,
            {
                "campaigns": _ids(campaigns), "person": person, "early": list(early.values()),
                "odds": [share or math.inf for share in odds.values()],  # then nothing of what they had moves it
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    return {pk: min(odds[pk] * (rest + left[pk]) + early[pk], there_is) - golds for pk, there_is, golds, rest in rows}


def _ids(campaigns: Collection[Campaign]) -> list[UUID]:
    return [campaign.pk for campaign in campaigns]
