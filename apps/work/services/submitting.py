"""Taking a page back with its answers. The hot path's other half; once acknowledged, nothing is lost.

What is handed in is a mapping of each place's token to one of
`{"answer": …}`, with `"note": "a comment"` if there is one, `{"skip": "why"}` or `{"broken": "what"}`.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.core.statements import as_json, by_itself, joined, rows, sqlstate
from apps.ledger import services as ledger
from apps.work.errors import LeaseEnded, NotYours, OtherAnswers
from apps.work.models import Assignment, Place
from apps.work.services import late
from apps.work.services.reading import ASKED, Asked, Given, Taken, asked, digest_of, places_of, read
from apps.workforce.models import Worker

# PostgreSQL's codes of what `work_take_in` raises.
NO_MONEY, OTHERS = "LC001", "LC002"
SIGNS = ("keys", "presses", "leaves")  # of work, that a browser counts on a page
MANY_SIGNS = 1_000_000


def submit(
    assignment_id: UUID,
    *,
    worker: Worker,
    answers: Mapping[str, Given],
    active_seconds: float | None = None,
    signs: Mapping[str, int] | None = None,
    ended_at: datetime | None = None,
) -> Assignment:
    """Hand in a page: every place answered, skipped or reported as broken. The same again changes nothing.

    `active_seconds` is the browser's word on how long was worked, pauses left out; believed up to the time in hand.
    A slot's work `ended_at` the time at which its answers were kept: what is told later is no work.
    `signs` is its word on how often keys and pointers were pressed and the page was left (`SIGNS`).
    Raises `BadPage` (nothing stored), `NotYours`, `LeaseEnded`, or `OtherAnswers` when the page was handed in before
    with others. A late page is taken as long as its lease has not been ended: the row decides, not the clock. After
    that, its answers are taken where nobody else was given the question (see `late`), and those alone are paid.
    """
    return submit_by(
        assignment_id, worker=worker.pk, answers=answers, active_seconds=active_seconds, signs=signs, ended_at=ended_at
    )


def submit_by(
    assignment_id: UUID,
    *,
    answers: Mapping[str, Given],
    organization: UUID | None = None,
    user: UUID | None = None,
    worker: UUID | None = None,
    active_seconds: float | None = None,
    signs: Mapping[str, int] | None = None,
    ended_at: datetime | None = None,
) -> Assignment:
    """Hand in as `submit` does, a page of this worker, or without one of a worker that a user is.

    Within an organization, if one is named.
    """
    digest = digest_of(answers)
    while True:
        page, places = _found(assignment_id, organization=organization, user=user, worker=worker)
        page.submit_digest, before = digest, page.submit_digest
        if page.state == Assignment.State.LEASED:
            is_done = take_in(page, read(page, answers, places), active_seconds=active_seconds, ended_at=ended_at)
        elif page.state == Assignment.State.EXPIRED:
            is_done = _take_late(page, answers, active_seconds=active_seconds)
        else:
            return _again(page, before, digest)
        if is_done:
            if signs is not None:
                # By itself: of a process that dies in between, the answers are kept and the counts are not.
                page.signs = dict(signs)
                page.save(update_fields=["signs"])
            return page


def are_signs(given: object) -> TypeGuard[dict[str, int]]:
    """Return whether it is counts of `SIGNS`, as a browser gives them."""
    return (
        isinstance(given, dict)
        and set(given) == set(SIGNS)
        and all(type(count) is int and 0 <= count <= MANY_SIGNS for count in given.values())
    )


@transaction.atomic
def _take_late(page: Assignment, answers: Mapping[str, Given], *, active_seconds: float | None) -> bool:
    expired = "WHERE t.id = %s AND t.state = 'expired' FOR NO KEY UPDATE"
    if not rows(Assignment, expired, [page.pk]):
        return False
    kept = late.reopen(page, worker=page.worker, answers=answers)
    try:
        return take_in(page, read(page, kept, places_of(page)), active_seconds=active_seconds)
    except ledger.NotEnoughMoney:
        raise late.not_paid() from None


def take_in(
    page: Assignment, taken: list[Taken], *, active_seconds: float | None, ended_at: datetime | None = None
) -> bool:
    """Write down what was handed in for a page, in one statement; return False if it is in another state by now.

    The budget gets back what the page held and does not earn; raises `NotEnoughMoney` where it earns more than it held.
    """
    now, seen = clock.now(), page.state
    in_hand = max((min(now, ended_at or now) - page.started_at).total_seconds(), 0.0)
    page.submitted_at = now
    page.review_after = now + page.campaign.grace if page.campaign.grace else None
    page.active_seconds = _believed(active_seconds, in_hand=in_hand)
    if page.active_seconds is None and ended_at is not None:
        page.active_seconds = in_hand  # else it would be taken for the time until now
    page.pay = _earned(page, taken)
    # Gold counts towards nothing, so its row, which many share, is touched only by a report.
    counted = [one.task for one in taken if not one.gold or one.state == Place.State.BROKEN]
    try:
        with by_itself(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT work_take_in(%s, %s, %s::bigint[], %s::text[], %s::text[], %s::jsonb[],"
                " %s, %s::bigint[], %s, %s)",
                [
                    as_json(page),
                    seen,
                    [one.place for one in taken],
                    [one.state for one in taken],
                    [one.note for one in taken],
                    [json.dumps(one.answer) for one in taken],
                    in_hand / max(len(taken), 1),
                    counted,
                    page.campaign.broken_after,
                    page.campaign.key,
                ],
            )
            (is_done,) = cursor.fetchone()
    except DatabaseError as error:
        raise _refusal(error) from None
    if is_done:
        page.state, page.held = Assignment.State.SUBMITTED, page.pay
    return bool(is_done)


def _earned(page: Assignment, taken: list[Taken]) -> int:
    if page.whole:
        return page.price
    return money.half_up(page.price * sum(one.state != Place.State.SKIPPED for one in taken), page.page_size)


def _refusal(error: DatabaseError) -> Exception:
    """Return what an error of `work_take_in` says, or the error itself where it is none of ours."""
    if sqlstate(error) == OTHERS:
        return LeaseEnded(_("this page's questions went to others"))
    if sqlstate(error) == NO_MONEY:
        return ledger.NotEnoughMoney(
            str(error), field="budget", found="less is held", wanted="what the page earns, held"
        )
    return error


def _believed(claim: float | None, *, in_hand: float) -> float | None:
    """Return a claim of active time within what the server's clock allows, None where there is none to speak of."""
    if claim is None or not 0 <= claim < math.inf:
        return None
    return float(min(claim, in_hand))


def _again(page: Assignment, before: str, digest: str) -> Assignment:
    if page.submitted_at is None:
        said = _("this page was %(state)s, and its questions went to others")
        raise LeaseEnded(said % {"state": page.get_state_display()})
    if before != digest:
        raise OtherAnswers
    return page


_OPEN = f"""
    ARRAY(SELECT {ASKED} FROM work_place p JOIN work_task t ON t.id = p.task_id
          WHERE p.assignment_id = a.id AND p.state = 'open' ORDER BY p.position)
"""  # noqa: S608  # a constant of ours


def _found(
    assignment_id: UUID, *, organization: UUID | None, user: UUID | None, worker: UUID | None
) -> tuple[Assignment, list[Asked]]:
    """Return somebody's page with its campaign, its worker and its open places, all as they were at one moment."""
    who = "w.id = %(worker)s" if worker else "w.user_id = %(user)s"
    within = "AND w.organization_id = %(organization)s" if organization else ""
    found = joined(
        {"a": Assignment, "c": Campaign, "w": Worker},
        _OPEN,
        "FROM work_assignment a JOIN campaigns_campaign c ON c.id = a.campaign_id"
        f" JOIN workforce_worker w ON w.id = a.worker_id WHERE a.id = %(page)s AND {who} {within}",
        {"page": assignment_id, "organization": organization, "user": user, "worker": worker},
    )
    if not found:
        raise NotYours
    page, page.campaign, page.worker, places = found[0]
    return page, [asked(place) for place in places]
