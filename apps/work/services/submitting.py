"""Taking a page back with its answers. The hot path's other half; once acknowledged, nothing is lost.

What is handed in is a mapping of each place's token to one of
`{"answer": …}`, `{"skip": "why"}` or `{"broken": "what"}`.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.core import clock, money
from apps.core.text import Unstorable, check_storable
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.ledger import services as ledger
from apps.work.errors import BadPage, LeaseEnded, NotYours, OtherAnswers
from apps.work.models import Assignment, Judgment, Place
from apps.work.services.counting import recount
from apps.workforce.models import Worker

Given = Mapping[str, Any]
LONGEST_NOTE = 2000
WAYS = {"answer": Place.State.ANSWERED, "skip": Place.State.SKIPPED, "broken": Place.State.BROKEN}


@dataclass(frozen=True)
class Taken:
    """One place as it will be written."""

    place: int
    task: int
    gold: bool
    state: str
    note: str
    answer: Any


@transaction.atomic
def submit(
    assignment_id: UUID, *, worker: Worker, answers: Mapping[str, Given], active_seconds: float | None = None
) -> Assignment:
    """Hand in a page: every place answered, skipped or reported as broken. The same again changes nothing.

    `active_seconds` is the browser's word on how long was worked, pauses left out; believed up to the time in hand.
    Raises `BadPage` (nothing stored), `NotYours`, `LeaseEnded`, or `OtherAnswers` when the page was handed in before
    with others. A late page is taken as long as its lease has not been ended: the row decides, not the clock.
    """
    page = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign")
        .filter(pk=assignment_id, worker=worker)
        .first()
    )
    if page is None:
        raise NotYours
    digest = _digest(answers)
    if page.state != Assignment.State.LEASED:
        return _again(page, digest)
    taken = _read(page, answers)
    # The seat before the tasks, as a lease takes them: two that wait for each other would both be lost.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE work_seat SET pages = pages + 1 WHERE campaign_id = %s AND worker_id = %s",
            [page.campaign_id, worker.pk],
        )
    _write(page, taken)
    pay = money.half_up(page.price * sum(one.state != Place.State.SKIPPED for one in taken), page.page_size)
    excess = page.held - pay
    now = clock.now()
    page.move(
        Assignment.State.SUBMITTED,
        submitted_at=now,
        submit_digest=digest,
        pay=pay,
        held=pay,
        active_seconds=_believed(active_seconds, in_hand=(now - page.started_at).total_seconds()),
    )
    ledger.release(page.campaign.key, amount=excess)
    return page


def _believed(claim: float | None, *, in_hand: float) -> float | None:
    """Return a claim of active time within what the server's clock allows, None where there is none to speak of."""
    if claim is None or not math.isfinite(claim) or claim < 0:
        return None
    return min(float(claim), max(in_hand, 0.0))


def _digest(answers: Mapping[str, Given]) -> str:
    """Return what tells two hand-ins apart: SHA-256 of the canonical JSON."""
    try:
        text = json.dumps(answers, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadPage({"": f"the answers are not JSON: {error}"}) from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _again(page: Assignment, digest: str) -> Assignment:
    if page.submitted_at is None:
        raise LeaseEnded(f"this page was {page.get_state_display()}, and its tasks went to others")
    if page.submit_digest != digest:
        raise OtherAnswers
    return page


def _read(page: Assignment, answers: Mapping[str, Given]) -> list[Taken]:
    """Check all that was handed in against the page and the kind; raise `BadPage` with every problem."""
    kind = of(page.campaign.kind)
    settings = kind.read_settings(page.campaign.settings)
    places = Place.objects.filter(assignment=page, state=Place.State.OPEN).order_by("position")
    rows = list(places.values_list("pk", "token", "task_id", "task__gold"))
    taken: list[Taken] = []
    known = {token.hex for _, token, _, _ in rows}
    problems = {token: "this is not a place of the page" for token in answers if token not in known}
    for position, (place, token, task, gold) in enumerate(rows, start=1):
        given = answers.get(token.hex)
        try:
            way, value = _way(given, position)
            note = value if way != "answer" else ""
            answer = kind.write(kind.read(value, settings)) if way == "answer" else None
            check_storable(answer)
            taken.append(Taken(place, task, gold, WAYS[way], note, answer))
        except (Bad, Unstorable) as error:
            problems[token.hex] = str(error)
    if problems:
        raise BadPage(problems)
    return taken


def _way(given: Given | None, position: int) -> tuple[str, Any]:
    """Return which way a place was dealt with, and the answer or note."""
    if given is None:
        raise Bad(f"question {position} has no answer yet: answer it, skip it, or report it as broken")
    if not isinstance(given, Mapping) or len(given) != 1 or not set(given) <= set(WAYS):
        raise Bad(f"question {position} should be given as one of {sorted(WAYS)}")
    way, value = next(iter(given.items()))
    if way != "answer":
        if not isinstance(value, str) or len(value) > LONGEST_NOTE:
            raise Bad(f"question {position}: the note should be a text of at most {LONGEST_NOTE} characters")
        check_storable(value, "the note")
    return way, value


def _write(page: Assignment, taken: list[Taken]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE work_place p SET state = given.state, note = given.note
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given (id, state, note)
            WHERE p.id = given.id AND p.state = 'open'
            """,
            [[one.place for one in taken], [one.state for one in taken], [one.note for one in taken]],
        )
        if cursor.rowcount != len(taken):
            raise LeaseEnded("this page's tasks went to others")
    now = clock.now()
    seconds = (now - page.started_at).total_seconds() / max(len(taken), 1)
    Judgment.objects.bulk_create(
        Judgment(
            place_id=one.place,
            campaign_id=page.campaign_id,
            task_id=one.task,
            worker_id=page.worker_id,
            answer=one.answer,
            guidelines=page.guidelines,
            seconds=seconds,
            created_at=now,
        )
        for one in taken
        if one.state == Place.State.ANSWERED
    )
    # Gold counts towards nothing, so its row, which many share, is touched only by a report.
    counted = [one.task for one in taken if not one.gold or one.state == Place.State.BROKEN]
    recount(counted, broken_after=page.campaign.broken_after)
