"""A page as HTML and as JSON. Both hold of a place its token, where it stands and what it asks: nothing that tells
one task from another."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from apps.campaigns.models import Campaign
from apps.files.addresses import addresses_for, addresses_on
from apps.kinds import of, rendering
from apps.kinds.base import Kind
from apps.kinds.viewer import Part, parts
from apps.work import previews
from apps.work.models import Assignment
from apps.work.queries import Page, PlaceView
from apps.workbench import queries
from apps.workbench.answers import ANSWER, Posted, Typed


@dataclass(frozen=True)
class Suggested:
    """What a model suggests: in words, and as JSON for the script to begin with, "" where something was typed."""

    words: str
    begins: str


@dataclass(frozen=True)
class Question:
    """One place on the page, ready to be shown; `number` counts from one."""

    token: str
    number: int
    item: SafeString
    widget: SafeString
    typed: Typed
    problem: str
    wide: bool  # the widget shows parts of the item itself, and wants the room
    suggested: Suggested | None = None

    @property
    def way_problem(self) -> str:
        """The problem, where it is about skipping or reporting; one about the answer stands in the widget."""
        return self.problem if self.typed.way != ANSWER else ""


@dataclass(frozen=True)
class Asking:
    """A campaign's kind with its settings read, and the addresses of the media of some items."""

    kind: Kind[Any, Any]
    settings: Any
    media: Mapping[str, str]
    is_small: bool = False
    lang: str = ""  # of the question, and of items that name none themselves

    @classmethod
    def about(
        cls,
        items: Iterable[Mapping[str, Any]],
        *,
        campaign: Campaign,
        page: Assignment | None = None,
        is_small: bool = False,
    ) -> "Asking":
        """Return how the campaign asks about these items, with small copies of pictures if wanted; one query.

        What a page shows is its worker's alone to see; a preview's media open for who holds their addresses.
        """
        seconds = None if page else previews.SECONDS
        media = addresses_for(campaign.dataset_id, items, page=page.pk if page else None, seconds=seconds)
        return cls._of(campaign, media, is_small=is_small)

    @classmethod
    def about_each(cls, pages: Collection[tuple[Assignment, Sequence[Mapping[str, Any]]]]) -> dict[UUID, "Asking"]:
        """Return how the campaigns of some pages ask about the items on them; one query for all the pages."""
        asked = [(page.pk, page.campaign.dataset_id, items) for page, items in pages]
        media = addresses_on(asked)
        return {page.pk: cls._of(page.campaign, media[page.pk]) for page, _items in pages}

    @classmethod
    def _of(cls, campaign: Campaign, media: Mapping[str, str], *, is_small: bool = False) -> "Asking":
        kind = of(campaign.kind)
        return cls(kind, kind.read_settings(campaign.settings), media, is_small, campaign.language)

    def parts(self, data: Mapping[str, Any]) -> list[Part]:
        found = parts(data, lambda name: self.media.get(name, ""), lang=self.lang)
        if not self.is_small:
            return found
        return [replace(one, small=f"{one.url}?small") if one.type == "image" and one.url else one for one in found]

    def words(self, answer: Any) -> str:
        """Return an answer as people read it, as far as its kind's flat columns say it."""
        flat = self.kind.export(self.kind.read(answer, self.settings), self.settings)
        named = [
            name if value is True else str(value) for name, value in flat.items() if value not in (None, "", False)
        ]
        return ", ".join(named) or "–"

    def question(
        self,
        token: str,
        data: Mapping[str, Any],
        *,
        number: int = 1,
        typed: Typed | None = None,
        problem: str = "",
        suggestion: Any | None = None,
    ) -> Question:
        """Return a question as HTML, with what was typed before and what is wrong with it.

        What is suggested stands beside the answer and is none: a form that is handed in as it came holds nothing.
        """
        typed = typed or Typed()
        suggested = None
        if suggestion is not None:
            begins = json.dumps(suggestion) if typed.answer is None else ""
            suggested = Suggested(self.words(suggestion), begins)
        own = self.kind.own_fields(self.settings)
        all_parts = self.parts(data)
        beside = [part for part in all_parts if part.name not in own]
        error = problem if typed.way == ANSWER else ""
        widget = rendering.widget(
            self.kind, self.settings, place=token, item=all_parts, answer=typed.answer, error=error, lang=self.lang
        )
        return Question(
            token, number, rendering.item(beside), widget, typed, problem, bool(own) or not beside, suggested
        )


def questions(
    page: Page, posted: Posted, problems: Mapping[str, str], *, is_small: bool = False, suggests: bool = True
) -> list[Question]:
    """Return the page's questions in order, with what was typed so far, and what is suggested."""
    items = [place.data for place in page.places]
    held = None if page.is_preview else page.assignment
    asking = Asking.about(items, campaign=page.campaign, page=held, is_small=is_small)
    return [
        asking.question(
            place.token,
            place.data,
            number=number,
            typed=posted.typed.get(place.token),
            problem=problems.get(place.token, ""),
            suggestion=place.suggestion if suggests else None,
        )
        for number, place in enumerate(page.places, start=1)
    ]


def as_html(
    page: Page, posted: Posted, problems: Mapping[str, str], *, seconds_left: int, is_small: bool = False
) -> dict[str, Any]:
    """Return what the template of a page to work on asks for, whoever looks at it."""
    shown = questions(page, posted, problems, is_small=is_small)
    known = {question.token for question in shown}
    kind = of(page.campaign.kind)
    return {
        "page": page.assignment,
        "campaign": page.campaign,
        "is_preview": page.is_preview,
        "at": NOWHERE if page.is_preview else addresses(page),
        "questions": shown,
        "problems": [question for question in shown if question.problem],
        "problems_of_page": [text for token, text in problems.items() if token not in known],
        "guidelines": queries.guidelines(page.campaign, version=page.assignment.guidelines),
        "seconds_left": seconds_left,
        "settings": kind.write_settings(kind.read_settings(page.campaign.settings)),
        "script": rendering.script(kind),
    }


NOWHERE = {"last": "#said"}  # of a preview's controls: what is posted comes back to it, and nothing comes of it


def addresses(page: Page) -> dict[str, str]:
    """Return where a page's controls lead."""
    names = ["page", "submit", "extend", "release", "give_back"]
    if page.campaign.is_work:
        names.append("ahead")
    if page.assignment.shown_at is None:
        names.append("shown")
    found = {name: reverse(f"workbench:{name}", args=[page.assignment.pk]) for name in names}
    return {**found, "lease": reverse("workbench:lease", args=[page.campaign.pk]), "last": reverse("workbench:last")}


def as_json(page: Page) -> dict[str, Any]:
    """Return the page for programs; its form is in this folder's README."""
    assignment = page.assignment
    asking = Asking.about([place.data for place in page.places], campaign=page.campaign, page=assignment)
    guidelines = queries.guidelines(page.campaign, version=assignment.guidelines)
    return {
        "assignment": str(assignment.pk),
        "page_url": reverse("workbench:page", args=[assignment.pk]),
        "submit_url": reverse("workbench:submit", args=[assignment.pk]),
        "expires_at": assignment.expires_at.isoformat(),
        "kind": asking.kind.name,
        "language": asking.lang,
        "settings": asking.kind.write_settings(asking.settings),
        "guidelines": guidelines.text if guidelines else "",
        "places": [_place_json(place, number, asking) for number, place in enumerate(page.places, start=1)],
    }


def _place_json(place: PlaceView, number: int, asking: Asking) -> dict[str, Any]:
    suggested = {} if place.suggestion is None else {"suggestion": place.suggestion}
    return {
        "token": place.token,
        "position": number,
        "parts": [_part_json(part) for part in asking.parts(place.data)],
        **suggested,
    }


def _part_json(part: Part) -> dict[str, str]:
    always = ("type", "name", "text") if part.type == "text" else ("type", "name", "url")
    return {name: value for name, value in vars(part).items() if value or name in always}
