"""Taking a page back with its answers. The hot path's other half; once acknowledged, nothing is lost.

What is handed in is a mapping of each place's token to one of
`{"answer": …}`, with `"note": "a comment"` if there is one, `{"skip": "why"}` or `{"broken": "what"}`.
"""

import json
import math
from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.core.statements import rows
from apps.ledger import services as ledger
from apps.work.errors import LeaseEnded, NotYours, OtherAnswers
from apps.work.models import Assignment, Place
from apps.work.services import late
from apps.work.services.counting import recount
from apps.work.services.reading import Given, Taken, digest_of, read
from apps.workforce.models import Worker


@transaction.atomic
def submit(
    assignment_id: UUID, *, worker: Worker, answers: Mapping[str, Given], active_seconds: float | None = None
) -> Assignment:
    """Hand in a page: every place answered, skipped or reported as broken. The same again changes nothing.

    `active_seconds` is the browser's word on how long was worked, pauses left out; believed up to the time in hand.
    Raises `BadPage` (nothing stored), `NotYours`, `LeaseEnded`, or `OtherAnswers` when the page was handed in before
    with others. A late page is taken as long as its lease has not been ended: the row decides, not the clock. After
    that, its answers are taken where nobody else was given the question (see `late`), and those alone are paid.
    """
    page = _locked(assignment_id, worker)
    digest = digest_of(answers)
    if page.state == Assignment.State.EXPIRED:
        answers = late.reopen(page, worker=worker, answers=answers)
    elif page.state != Assignment.State.LEASED:
        return _again(page, digest)
    taken = read(page, answers)
    _write(page, taken)
    pay = money.half_up(page.price * sum(one.state != Place.State.SKIPPED for one in taken), page.page_size)
    excess = page.held - pay
    now = clock.now()
    page.move(
        Assignment.State.SUBMITTED,
        submitted_at=now,
        review_after=now + page.campaign.grace if page.campaign.grace else None,
        submit_digest=digest,
        pay=pay,
        held=pay,
        active_seconds=_believed(active_seconds, in_hand=(now - page.started_at).total_seconds()),
    )
    if excess < 0:
        late.hold(page, amount=-excess)
    else:
        ledger.release(page.campaign.key, amount=excess)
    return page


def _believed(claim: float | None, *, in_hand: float) -> float | None:
    """Return a claim of active time within what the server's clock allows, None where there is none to speak of."""
    if claim is None or not math.isfinite(claim) or claim < 0:
        return None
    return min(float(claim), max(in_hand, 0.0))


def _again(page: Assignment, digest: str) -> Assignment:
    if page.submitted_at is None:
        said = _("this page was %(state)s, and its questions went to others")
        raise LeaseEnded(said % {"state": page.get_state_display()})
    if page.submit_digest != digest:
        raise OtherAnswers
    return page


def _locked(assignment_id: UUID, worker: Worker) -> Assignment:
    found = rows(Assignment, "WHERE t.id = %s AND t.worker_id = %s FOR NO KEY UPDATE", [assignment_id, worker.pk])
    if not found:
        raise NotYours
    page = found[0]
    page.campaign = rows(Campaign, "WHERE t.id = %s", [page.campaign_id])[0]
    return page


def _write(page: Assignment, taken: list[Taken]) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        # The seat before the tasks, as a lease takes them: two that wait for each other would both be lost.
        cursor.execute(
            """
            WITH placed AS (
                UPDATE work_place p SET state = given.state, note = given.note
                FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::jsonb[]) AS given (id, state, note, answer)
                WHERE p.id = given.id AND p.state = 'open'
                RETURNING p.id, p.task_id, p.state, given.answer
            ), seated AS (
                UPDATE work_seat SET pages = pages + 1 WHERE campaign_id = %s AND worker_id = %s
            ), judged AS (
                INSERT INTO work_judgment
                    (place_id, campaign_id, task_id, worker_id, answer, counted, guidelines, seconds, created_at)
                SELECT id, %s, task_id, %s, answer, true, %s, %s, %s FROM placed WHERE state = 'answered' ORDER BY id
            )
            SELECT count(*) FROM placed
            """,
            [
                [one.place for one in taken],
                [one.state for one in taken],
                [one.note for one in taken],
                [json.dumps(one.answer) for one in taken],
                page.campaign_id,
                page.worker_id,
                page.campaign_id,
                page.worker_id,
                page.guidelines,
                (now - page.started_at).total_seconds() / max(len(taken), 1),
                now,
            ],
        )
        (written,) = cursor.fetchone()
    if written != len(taken):
        raise LeaseEnded(_("this page's questions went to others"))
    # Gold counts towards nothing, so its row, which many share, is touched only by a report.
    counted = [one.task for one in taken if not one.gold or one.state == Place.State.BROKEN]
    recount(counted, broken_after=page.campaign.broken_after)
