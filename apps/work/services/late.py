"""Answers that come after their page's time was over and its lease ended: taken where nobody else was asked meanwhile.

The page's own places are opened again, one by one, where they are still its own and their task still wants a judgment;
then they are handed in as ever. What went to others stays with them. A page that was given back stays so: that was
somebody's word. Not one of a slot at an outside market: its list says later whether that was handed in there.

Gold, which nobody takes away, comes with the chance that the page's other questions had, drawn once for a place: what
is taken, or refused again and again, tells nothing of what was gold. Where there are no others to go by, a page comes
as long as nobody else was given any question of the campaign, whatever it asks.

Locks as a lease takes them: page, links of accounts, seat, tasks, budget. So a late answer and a lease of the same task
wait for each other, and the one that comes second finds no room.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.statements import rows
from apps.work.eligibility import check_eligible
from apps.work.errors import LeaseEnded, NoWork
from apps.work.models import Assignment, Place, Seat, Task
from apps.work.services.linked import wait_for
from apps.work.services.reading import Given
from apps.workforce import queries as workforce
from apps.workforce.models import Channel, Worker

TOKEN = re.compile("[0-9a-f]{32}")
OPEN = (Campaign.State.RUNNING, Campaign.State.PAUSED)


@dataclass(frozen=True)
class Waiting:
    """A place whose lease ended. `has_room`: its task can still be asked here; of gold, it is asked at all."""

    place: int
    token: UUID
    task: int
    gold: bool
    has_room: bool
    draw: float  # in [0, 1), always the same, by what nobody sees


def may_come(page: Assignment, *, worker: Worker) -> bool:
    """Return whether a page whose lease ended can still be taken, as far as a look without locks tells."""
    if page.state != Assignment.State.EXPIRED or not _is_open(page.campaign):
        return False
    seat = Seat.objects.get(campaign=page.campaign_id, worker=worker)
    try:
        check_eligible(worker, campaign=page.campaign, pages=seat.pages)
    except NoWork:
        return False
    return bool(_coming(page, workforce.linked(worker)))


def reopen(
    page: Assignment, *, worker: Worker, answers: Mapping[str, Given], is_slot: bool = False
) -> Mapping[str, Given]:
    """Open those places of an expired page again that nobody else was given; return the answers to them.

    The caller holds the page's lock and hands them in within the same transaction. Raises `LeaseEnded`, saying why,
    where none is left, or where the worker may not work there now; also of an outside market's, unless it says that it
    `is_slot`, and sees to the money that is held for that.
    """
    if not (_is_open(page.campaign) or (is_slot and page.campaign.state in OPEN)):
        raise LeaseEnded(_("the time for this page is over, and so is the work it is of"))
    linked = workforce.linked(worker)
    if linked:
        wait_for(linked)
    seat = rows(
        Seat,
        "WHERE t.campaign_id = %s AND t.worker_id = %s FOR NO KEY UPDATE",
        [page.campaign_id, worker.pk],
    )[0]
    try:
        check_eligible(worker, campaign=page.campaign, pages=seat.pages)
    except NoWork as error:
        raise LeaseEnded(str(error)) from None
    said = [token for token, given in answers.items() if isinstance(given, Mapping) and "broken" in given]
    reported = [token for token in said if TOKEN.fullmatch(token)]  # nobody checked what was sent
    opened = _open(page, linked, reported, is_slot=is_slot)
    if not opened:
        raise LeaseEnded(_("the time for this page is over, and its questions went to others"))
    return {token: given for token, given in answers.items() if token in opened}


def not_paid() -> LeaseEnded:
    """Return why a page is not taken that can't be paid after all: its hold was given back when its lease ended."""
    return LeaseEnded(_("the time for this page is over, and the work has no money left to pay for it"))


def _is_open(campaign: Campaign) -> bool:
    return campaign.state in OPEN and campaign.channel == Channel.INTERNAL


def _open(page: Assignment, linked: list[UUID], reported: list[str], *, is_slot: bool = False) -> set[str]:
    """Take room in the tasks of the page's places that can come, and open these; return their tokens.

    Gold is locked with them where it is `reported` as broken, for that is counted: after the budget, or after tasks
    that come later, this would wait for who waits for it.
    """
    with connection.cursor() as cursor:
        # Their order is everybody's; whoever changes `taken` holds the lock, so what it says then is exact.
        cursor.execute(
            """
            SELECT t.id FROM work_task t JOIN work_place p ON p.task_id = t.id
            WHERE p.assignment_id = %s AND p.state = 'released'
              AND (NOT t.gold OR replace(p.token::text, '-', '') = ANY(%s))
            ORDER BY t.id FOR NO KEY UPDATE OF t
            """,
            [page.pk, reported],
        )
    coming = _coming(page, linked, is_slot=is_slot)
    Task.objects.filter(pk__in=[one.task for one in coming if not one.gold]).update(taken=F("taken") + 1)
    Place.objects.filter(pk__in=[one.place for one in coming]).update(state=Place.State.OPEN)
    return {one.token.hex for one in coming}


def _coming(page: Assignment, linked: list[UUID], *, is_slot: bool = False) -> list[Waiting]:
    """Return the places of an expired page that can be answered still.

    Where what is taken could tell gold, all is or nothing. Not of a slot, whose worker is told of nothing and paid for
    all of it, nor where there is no gold.
    """
    waiting = _waiting(page, linked)
    there = [one for one in waiting if one.has_room]
    if not page.campaign.is_work or is_slot or not page.campaign.gold.exists():
        return there  # of a training all is gold, and known to be
    others = [one for one in waiting if not one.gold]
    is_whole = len(waiting) == page.places_count  # else the worker was given some of it again
    if (not is_whole or len(waiting) == 1 or not others) and _went_on(page):
        return []
    share = sum(one.has_room for one in others) / len(others) if others else 1.0
    return [one for one in there if not one.gold or one.draw < share]


def _waiting(page: Assignment, linked: list[UUID]) -> list[Waiting]:
    """Return the places that are still the page's own, in everybody's order of tasks.

    None has room where an account that looks like the same person's has answered meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.token, t.id, t.gold,
                   t.state = 'open' AND (t.gold OR t.taken < t.wanted AND (t.closes_at IS NULL OR t.closes_at > %s)
                       AND NOT EXISTS (SELECT 1 FROM work_place o WHERE o.task_id = t.id AND o.worker_id = ANY(%s)
                                       AND o.state <> 'released')),
                   (hashint8extended(p.id, t.shuffle) & 2147483647) / 2147483648.0::float
            FROM work_place p JOIN work_task t ON t.id = p.task_id
            WHERE p.assignment_id = %s AND p.state = 'released' ORDER BY t.id
            """,
            [clock.now(), linked, page.pk],
        )
        return [Waiting(*row) for row in cursor.fetchall()]


def _went_on(page: Assignment) -> bool:
    """Return whether anybody else was given a page since this one's time was over, or a task's own time ended."""
    later = Assignment.objects.filter(campaign=page.campaign_id, leased_at__gte=page.expires_at)
    # In their order: else the planner thinks to meet one of them at once in any, and reads the pages of all campaigns.
    other = later.exclude(worker=page.worker_id).order_by("leased_at").values_list("pk").first()
    closed = Task.objects.filter(campaign=page.campaign_id, taken__lt=F("wanted"), closes_at__lte=clock.now())
    return other is not None or closed.filter(closes_at__gt=page.leased_at).exists()
