"""Reading what is handed in: against the page, the kind, and in a training against the known answers."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core.text import Unstorable, check_storable
from apps.datasets.models import Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import FramedKind
from apps.work.errors import BadPage
from apps.work.models import Assignment, Place

Given = Mapping[str, Any]
LONGEST_NOTE = 2000
WAYS = {"answer": Place.State.ANSWERED, "skip": Place.State.SKIPPED, "broken": Place.State.BROKEN}


@dataclass(frozen=True)
class Asked:
    """One place as it waits for an answer."""

    place: int
    token: str
    task: int
    gold: bool
    item: int


@dataclass(frozen=True)
class Taken:
    """One place as it will be written."""

    place: int
    token: str
    task: int
    gold: bool
    state: str
    note: str
    answer: Any


def digest_of(answers: Mapping[str, Given]) -> str:
    """Return what tells two hand-ins apart: SHA-256 of the canonical JSON."""
    try:
        text = json.dumps(answers, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadPage({"": _("the answers are not JSON: %(why)s") % {"why": error}}) from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(page: Assignment, answers: Mapping[str, Given], places: Sequence[Asked]) -> list[Taken]:
    """Check all that was handed in for these places of a page; raise `BadPage` with every problem."""
    kind = of(page.campaign.kind)
    settings = kind.read_settings(page.campaign.settings)
    hints = _hints(page.campaign)
    items = _items(kind, places)
    taken: list[Taken] = []
    known = {place.token for place in places}
    problems = {token: _("this is not a question of the page") for token in answers if token not in known}
    for position, place in enumerate(places, start=1):
        given = answers.get(place.token)
        try:
            way, value, note = _way(given, position)
            answer = kind.write(kind.read(value, settings)) if way == "answer" else None
            check_storable(answer)
            if way == "answer" and isinstance(kind, FramedKind) and place.item in items:
                kind.check(kind.read(value, settings), items[place.item])
            if way == "answer" and place.item in hints:
                hints[place.item].check(kind.read(value, settings), kind, settings)
            taken.append(Taken(place.place, place.token, place.task, place.gold, WAYS[way], note, answer))
        except (Bad, Unstorable) as error:
            problems[place.token] = str(error)
    if problems:
        raise BadPage(problems)
    return taken


def _items(kind: Any, places: Iterable[Asked]) -> dict[int, Mapping[str, Any]]:
    """Return the items whose own questions say what is an answer, by id; one query where the kind has such."""
    if not isinstance(kind, FramedKind):
        return {}
    return dict(Item.objects.filter(pk__in=[place.item for place in places]).values_list("pk", "data"))


# What is asked at a place `p` of a task `t`, in one value: arrays of it come with a page in one statement.
ASKED = "json_build_array(p.id, p.token, t.id, t.gold, t.item_id)"


def asked(value: str | list[Any]) -> Asked:
    """Read what ASKED selects."""
    place, token, task, gold, item = json.loads(value) if isinstance(value, str) else value
    return Asked(place, UUID(token).hex, task, gold, item)


def places_of(page: Assignment, *, among: Iterable[str] = (Place.State.OPEN,)) -> list[Asked]:
    """Return what is asked at the page's places in these states, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {ASKED} FROM work_place p JOIN work_task t ON t.id = p.task_id
            WHERE p.assignment_id = %s AND p.state = ANY(%s) ORDER BY p.position
            """,  # noqa: S608  # a constant of ours
            [page.pk, list(among)],
        )
        return [asked(value) for (value,) in cursor.fetchall()]


@dataclass(frozen=True)
class Hint:
    """What a training says to an answer that is not right enough."""

    accepted: list[Any]
    reason: str
    least: float

    def check(self, answer: Any, kind: Any, settings: Any) -> None:
        """Raise `Bad` with the hint unless the answer is right."""
        known = [kind.read(accepted, settings) for accepted in self.accepted]
        if kind.score(answer, known, settings) < self.least:
            hint = self.reason or _("look at the guidelines once more")
            raise Bad(_("not quite: %(hint)s") % {"hint": hint})


def _hints(campaign: Campaign) -> dict[int, Hint]:
    """Return what to check answers against at once, by item: in a training only."""
    if campaign.purpose != Campaign.Purpose.TRAINING:
        return {}
    known = campaign.gold.filter(suspended_at=None).values_list("item_id", "answers", "reason")
    return {item: Hint(answers, reason, campaign.pass_share) for item, answers, reason in known}


def _way(given: Given | None, position: int) -> tuple[str, Any, str]:
    """Return which way a place was dealt with, the answer, and what was written: why, what is broken, or a comment."""
    if given is None:
        raise Bad(_("question %(n)s has no answer yet: answer it, skip it, or report it as broken") % {"n": position})
    ways = [way for way in WAYS if way in given] if isinstance(given, Mapping) else []
    beside = {"note"} if ways == ["answer"] else set()
    if len(ways) != 1 or set(given) - set(ways) - beside:
        said = _("question %(n)s should be given as one of %(ways)s, an answer with a note if you like")
        raise Bad(said % {"n": position, "ways": sorted(WAYS)})
    way = ways[0]
    note = given.get("note", "") if way == "answer" else given[way]
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise Bad(
            _("question %(n)s: the note should be a text of at most %(most)s characters")
            % {"n": position, "most": LONGEST_NOTE}
        )
    check_storable(note, _("the note"))
    return way, given[way], note
