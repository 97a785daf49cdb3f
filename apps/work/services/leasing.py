"""Handing out a page: which tasks, to whom, and the money held for it. The hot path.

A worker walks through a campaign's tasks in their shuffled order, from a random start; the seat remembers how far.
So no lease looks at what earlier ones went past, whatever the number of tasks and the worker's history; at the end of
the order the walk begins again, for tasks that others let go.

Locks, in the order in which everybody takes them: page, seat, tasks, budget. A lease waits for no page and no task
(SKIP LOCKED).
"""

import math
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.core import clock, ids, money
from apps.core.statements import rows
from apps.ledger import services as ledger
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment, Seat
from apps.work.queries import rate
from apps.work.services.eligibility import check_eligible
from apps.work.services.ending import end_overdue, start_clock
from apps.workforce.models import Worker

MOST_IN_HAND = 2  # the page being worked on, and one fetched ahead
_dice = secrets.SystemRandom()


def lease(campaign: Campaign, *, worker: Worker, after: UUID | None = None) -> Assignment:
    """Lease a page to a worker, or return the one already in hand; with `after` (a page in hand), the one behind it.

    The page that is returned without `after` is about to be shown: its clock runs. The one behind waits for `show`.
    Raises `NoWork` with a reason, and then nothing was held; `NotYours` if `after` is no page in the worker's hands.
    """
    try:
        with transaction.atomic():
            return _lease(campaign, worker, after)
    except ledger.NotEnoughMoney:
        raise NoWork("budget", _("this campaign has handed out all the work that its budget pays for")) from None


def _lease(campaign: Campaign, worker: Worker, after: UUID | None) -> Assignment:
    seat = _sit(campaign, worker)
    held = _in_hand(seat)
    if after is None and held:
        return start_clock(held[0])
    if after is not None:
        if after not in [page.pk for page in held]:
            raise NotYours
        if len(held) == MOST_IN_HAND:
            return next(page for page in held if page.pk != after)
    # Its state may have changed while we waited for the seat.
    campaign = rows(Campaign, "WHERE t.id = %s", [campaign.pk])[0]
    _check_open(campaign)
    check_eligible(worker, campaign=campaign, pages=seat.pages + len(held))
    guidelines, has_reserved = _beside(seat)
    tasks = _choose(seat, campaign, has_reserved=has_reserved)
    price = rate(worker, campaign=campaign)
    return _hand_out(seat, campaign, tasks, price=price, guidelines=guidelines, behind=held[0] if held else None)


def _sit(campaign: Campaign, worker: Worker) -> Seat:
    """Return the worker's seat, locked: parallel fetches of one worker wait here for each other."""
    mine = "WHERE t.campaign_id = %s AND t.worker_id = %s FOR NO KEY UPDATE"
    seats = rows(Seat, mine, [campaign.pk, worker.pk])
    if not seats:
        if worker.organization_id != campaign.organization_id or worker.channel != campaign.channel:
            raise NoWork("eligibility", _("this campaign is not offered to you"))
        start = {"task_cursor": _dice.randrange(2**31), "gold_cursor": _dice.randrange(2**31)}
        Seat.objects.bulk_create([Seat(campaign=campaign, worker=worker, **start)], ignore_conflicts=True)
        seats = rows(Seat, mine, [campaign.pk, worker.pk])
    return seats[0]


def _in_hand(seat: Seat) -> list[Assignment]:
    """Return the pages in hand, after ending those whose time is over."""
    pages = rows(
        Assignment,
        "WHERE t.campaign_id = %s AND t.worker_id = %s AND t.state = 'leased' ORDER BY t.leased_at",
        [seat.campaign_id, seat.worker_id],
    )
    overdue = [page.pk for page in pages if page.expires_at <= clock.now()]
    # A page that is just being handed in is left alone, and still in hand.
    ended = end_overdue(overdue) if overdue else set()
    return [page for page in pages if page.pk not in ended]


def _check_open(campaign: Campaign) -> None:
    if campaign.state == Campaign.State.PAUSED:
        raise NoWork("paused", _("this campaign is paused: look in again later"))
    if campaign.state != Campaign.State.RUNNING:
        raise NoWork("closed", _("this campaign is not open"))


def _beside(seat: Seat) -> tuple[int, bool]:
    """Return the version of the guidelines in force, and whether tasks are kept for this worker by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce((SELECT max(version) FROM campaigns_guidelines WHERE campaign_id = %s), 0),
                   EXISTS (SELECT 1 FROM campaigns_reservation WHERE campaign_id = %s AND worker_id = %s)
            """,
            [seat.campaign_id, seat.campaign_id, seat.worker_id],
        )
        version, has_reserved = cursor.fetchone()
    return version, has_reserved


def _choose(seat: Seat, campaign: Campaign, *, has_reserved: bool) -> list[tuple[int, bool]]:
    """Choose and take tasks for a page, gold mixed in at random positions."""
    size = campaign.page_size
    if not campaign.is_work:
        return _choose_known(seat, size)
    due = _gold_due(seat, campaign)
    golds = _walk_gold(seat, due) if due else []
    if len(golds) < due and campaign.when_gold_is_used_up == Campaign.WhenGoldIsUsedUp.STOP:
        raise NoWork("gold", _("you have done all the work of this campaign that we can check"))
    real = _take_reserved(seat, size - len(golds)) if has_reserved else []
    real += _walk(seat, size - len(golds) - len(real))
    if not real and (not golds or not _has_open(seat)):
        raise NoWork("done", _("there is nothing left for you in this campaign at the moment"))
    chosen = [(task, False) for task in real] + [(task, True) for task in golds]
    _dice.shuffle(chosen)
    return chosen


def _choose_known(seat: Seat, size: int) -> list[tuple[int, bool]]:
    """Choose the questions of a training or test: known answers alone, each once."""
    golds = _walk_gold(seat, size)
    if not golds:
        raise NoWork("done", _("you have answered every question here"))
    return [(task, True) for task in golds]


def _gold_due(seat: Seat, campaign: Campaign) -> int:
    """Return how many places of the next page ask gold, so that shares hold over time and no rhythm shows."""
    size = campaign.page_size
    due = campaign.gold_share * (seat.places + size) - seat.golds
    if seat.places < EARLY_PLACES:
        due = max(due, campaign.early_gold * min(seat.places + size, EARLY_PLACES) / EARLY_PLACES - seat.golds)
    whole = math.floor(due)
    # The fraction is left to chance: a worker who counts pages learns nothing about the next.
    return min(size, max(0, whole + (_dice.random() < due - whole)))


_OPEN = (
    "t.campaign_id = %s AND t.state = 'open' AND NOT t.gold AND NOT t.reserved AND t.taken < t.wanted"
    " AND (t.closes_at IS NULL OR t.closes_at > now())"
)
_NEW = "NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = %s AND p.state <> 'released')"


def _walk(seat: Seat, limit: int) -> list[int]:
    """Take up to `limit` open tasks from where the seat stands on, once around."""
    taken: list[int] = []
    start = seat.task_cursor
    for low, high in ((start, 2**31), (-1, start)):
        if len(taken) < limit:
            taken += _take(seat, low, high, limit - len(taken))
    return taken


def _take(seat: Seat, low: int, high: int, limit: int) -> list[int]:
    """Lock and take open tasks of the order between `low` (exclusive) and `high` (inclusive); moves the cursor."""
    found = _claim(
        f"""
        SELECT t.id, t.shuffle FROM work_task t
        WHERE {_OPEN} AND t.shuffle > %s AND t.shuffle <= %s AND {_NEW}
        ORDER BY t.shuffle LIMIT %s FOR NO KEY UPDATE OF t SKIP LOCKED
        """,  # noqa: S608  # only constants of this file are put in
        [seat.campaign_id, low, min(high, 2**31 - 1), seat.worker_id, limit],
    )
    if found:
        seat.task_cursor = max(shuffle for _, shuffle in found)
    return [task for task, _ in found]


def _take_reserved(seat: Seat, limit: int) -> list[int]:
    """Take tasks that were kept for this worker by name."""
    found = _claim(
        f"""
        SELECT t.id, t.shuffle FROM campaigns_reservation r
        JOIN work_task t ON t.campaign_id = r.campaign_id AND t.item_id = r.item_id
        WHERE r.campaign_id = %s AND r.worker_id = %s
          AND t.state = 'open' AND t.reserved AND NOT t.gold AND t.taken < t.wanted AND {_NEW}
        ORDER BY t.id LIMIT %s FOR NO KEY UPDATE OF t SKIP LOCKED
        """,  # noqa: S608
        [seat.campaign_id, seat.worker_id, seat.worker_id, limit],
    )
    return [task for task, _ in found]


def _claim(choice: str, values: list[Any]) -> list[tuple[int, int]]:
    """Take room for a judgment in each task that a SELECT … FOR UPDATE chooses; return their ids and shuffles.

    The choice asks for `taken < wanted`, and PostgreSQL asks it again of the row as it is once it is locked. Whoever
    changes `taken` holds that lock: so it is exact, and the table's check would refuse one too many.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH chosen AS MATERIALIZED ({choice})
            UPDATE work_task t SET taken = t.taken + 1 FROM chosen WHERE t.id = chosen.id
            RETURNING t.id, t.shuffle
            """,  # noqa: S608  # the two choices above
            values,
        )
        chosen: list[tuple[int, int]] = cursor.fetchall()
        return chosen


def _walk_gold(seat: Seat, limit: int) -> list[int]:
    """Choose up to `limit` gold tasks new to the worker, in the worker's own rotation of their shuffled order."""
    one_lap: list[Any] = [seat.campaign_id, seat.gold_cursor, seat.worker_id, limit]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            (SELECT t.id, t.shuffle, 0 AS lap FROM work_task t
             WHERE t.campaign_id = %s AND t.state = 'open' AND t.gold AND t.shuffle > %s AND {_NEW}
             ORDER BY t.shuffle LIMIT %s)
            UNION ALL
            (SELECT t.id, t.shuffle, 1 AS lap FROM work_task t
             WHERE t.campaign_id = %s AND t.state = 'open' AND t.gold AND t.shuffle <= %s AND {_NEW}
             ORDER BY t.shuffle LIMIT %s)
            ORDER BY lap, shuffle LIMIT %s
            """,  # noqa: S608
            [*one_lap, *one_lap, limit],
        )
        found = cursor.fetchall()
    if found:
        seat.gold_cursor = found[-1][1]
    return [task for task, _, _ in found]


def _has_open(seat: Seat) -> bool:
    """Return whether the campaign has ordinary work left for this worker: gold alone is no page."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM work_task t WHERE {_OPEN} AND {_NEW} LIMIT 1",  # noqa: S608
            [seat.campaign_id, seat.worker_id],
        )
        return cursor.fetchone() is not None


def _hand_out(
    seat: Seat,
    campaign: Campaign,
    tasks: list[tuple[int, bool]],
    *,
    price: int,
    guidelines: int,
    behind: Assignment | None,
) -> Assignment:
    """Write the page down and hold its money; the budget's row is locked last, so others wait for it least."""
    now = clock.now()
    begins = behind.expires_at if behind else now  # at the latest, if the worker goes on at all
    page = Assignment(
        organization_id=campaign.organization_id,
        campaign=campaign,
        worker_id=seat.worker_id,
        slot=2 if behind and behind.slot == 1 else 1,
        guidelines=guidelines,
        price=price,
        page_size=campaign.page_size,
        currency=campaign.currency,
        places_count=len(tasks),
        held=money.half_up(price * len(tasks), campaign.page_size),
        leased_at=now,
        shown_at=None if behind else now,
        expires_at=begins + timedelta(seconds=campaign.lease_seconds),
    )
    page.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH placed AS (
                INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note)
                SELECT %s, given.task, %s, given.position - 1, given.token, 'open', ''
                FROM unnest(%s::bigint[], %s::uuid[]) WITH ORDINALITY AS given (task, token, position)
                ON CONFLICT (task_id, worker_id) DO UPDATE SET
                    assignment_id = excluded.assignment_id, position = excluded.position, token = excluded.token,
                    state = 'open', note = ''
                    WHERE work_place.state = 'released'
                RETURNING id
            )
            UPDATE work_seat SET task_cursor = %s, gold_cursor = %s, places = places + %s, golds = golds + %s
            WHERE id = %s RETURNING (SELECT count(*) FROM placed)
            """,
            [
                page.pk,
                seat.worker_id,
                [task for task, _ in tasks],
                [ids.new_token() for _ in tasks],
                seat.task_cursor,
                seat.gold_cursor,
                len(tasks),
                sum(gold for _, gold in tasks),
                seat.pk,
            ],
        )
        (opened,) = cursor.fetchone()
    if opened != len(tasks):
        raise RuntimeError(f"{len(tasks)} places were chosen for {page}, {opened} could be opened")
    if page.held:
        ledger.hold(campaign.key, amount=page.held)
    return page
