"""Answers that come after their page's time was over and its lease ended: taken where nobody else was asked meanwhile.

The page's own places are opened again, one by one, where they are still its own and their task still wants a judgment;
then they are handed in as ever. What went to others stays with them. A page that was given back stays so: that was
somebody's word.

Locks as a lease takes them: page, links of accounts, seat, tasks, budget. So a late answer and a lease of the same task
wait for each other, and the one that comes second finds no room.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.statements import rows
from apps.work.errors import LeaseEnded, NoWork
from apps.work.models import Assignment, Place, Seat, Task
from apps.work.services.eligibility import check_eligible
from apps.work.services.linked import wait_for
from apps.work.services.reading import Given
from apps.workforce import queries as workforce
from apps.workforce.models import Channel, Worker

OPEN = (Campaign.State.RUNNING, Campaign.State.PAUSED)


def may_come(page: Assignment, *, worker: Worker) -> bool:
    """Return whether a page whose lease ended can still be taken, as far as a look without locks tells."""
    if page.state != Assignment.State.EXPIRED or not _is_open(page.campaign):
        return False
    seat = Seat.objects.get(campaign=page.campaign_id, worker=worker)
    try:
        check_eligible(worker, campaign=page.campaign, pages=seat.pages)
    except NoWork:
        return False
    asked = Q(task__closes_at=None) | Q(task__closes_at__gt=clock.now())
    wanted = {"task__gold": False, "task__state": Task.State.OPEN, "task__taken__lt": F("task__wanted")}
    return page.places.filter(asked, state=Place.State.RELEASED, **wanted).exists()


def reopen(page: Assignment, *, worker: Worker, answers: Mapping[str, Given]) -> Mapping[str, Given]:
    """Open those places of an expired page again that nobody else was given; return the answers to them.

    The caller holds the page's lock and hands them in within the same transaction. Raises `LeaseEnded`, saying why,
    where none is left, or where the worker may not work there now.
    """
    if not _is_open(page.campaign):
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
    opened = _open(page, linked)
    if not opened:
        raise LeaseEnded(_("the time for this page is over, and its questions went to others"))
    return {token: given for token, given in answers.items() if token in opened}


def not_paid() -> LeaseEnded:
    """Return why a page is not taken that can't be paid after all: its hold was given back when its lease ended."""
    return LeaseEnded(_("the time for this page is over, and the work has no money left to pay for it"))


def _is_open(campaign: Campaign) -> bool:
    return campaign.state in OPEN and campaign.channel == Channel.INTERNAL


def _open(page: Assignment, linked: list[UUID]) -> set[str]:
    """Take room in the tasks of the page's places and open these; return their tokens.

    Not where an account that looks like the same person's has answered meanwhile. Gold, which nobody takes away, is
    opened with the chance that the page's other questions had: what is taken late tells nothing of what was gold.
    On a page of nothing else, a training's, all of it is.
    """
    with connection.cursor() as cursor:
        # Their order is everybody's; whoever changes `taken` holds the lock, so what it says then is exact.
        cursor.execute(
            """
            SELECT t.id FROM work_task t JOIN work_place p ON p.task_id = t.id
            WHERE p.assignment_id = %s AND p.state = 'released' AND NOT t.gold ORDER BY t.id FOR NO KEY UPDATE OF t
            """,
            [page.pk],
        )
        cursor.execute(
            """
            WITH room AS (
                UPDATE work_task t SET taken = t.taken + 1 FROM work_place p
                WHERE p.assignment_id = %s AND p.state = 'released' AND p.task_id = t.id AND NOT t.gold
                  AND t.state = 'open' AND t.taken < t.wanted AND (t.closes_at IS NULL OR t.closes_at > now())
                  AND NOT EXISTS (SELECT 1 FROM work_place o
                                  WHERE o.task_id = t.id AND o.worker_id = ANY(%s) AND o.state <> 'released')
                RETURNING t.id
            ), others AS (
                SELECT count(*) AS n FROM work_place p JOIN work_task t ON t.id = p.task_id
                WHERE p.assignment_id = %s AND p.state = 'released' AND NOT t.gold
            )
            UPDATE work_place p SET state = 'open' FROM work_task t
            WHERE p.assignment_id = %s AND p.state = 'released' AND t.id = p.task_id
              AND (t.id IN (SELECT id FROM room) OR (t.gold AND t.state = 'open' AND
                   random() * (SELECT n FROM others) <= (SELECT count(*) FROM room)))
            RETURNING p.token
            """,
            [page.pk, linked, page.pk, page.pk],
        )
        return {token.hex for (token,) in cursor.fetchall()}
