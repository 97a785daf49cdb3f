"""What a page's form holds, for a browser without scripts: read so that nothing that was typed is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from apps.kinds import forms
from apps.kinds.base import Kind
from apps.kinds.errors import Bad

ANSWER, SKIP, BROKEN = "answer", "skip", "broken"


@dataclass(frozen=True)
class Typed:
    """What was entered at one place. `answer` is raw; None where nothing was given."""

    way: str = ANSWER
    note: str = ""
    answer: Any | None = None


@dataclass
class Posted:
    """A posted page: what was typed, by token; the answers to hand in; and what can't be handed in, with sentences."""

    typed: dict[str, Typed] = field(default_factory=dict)
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def read(
    posted: Iterable[tuple[str, Sequence[str]]], tokens: Iterable[str], kind: Kind[Any, Any], settings: Any
) -> Posted:
    """Read a posted form (`request.POST.lists()`); a place with a problem is left out of the answers."""
    fields = dict(posted)
    page = Posted()
    for token in tokens:
        way = (fields.get(f"way:{token}") or [ANSWER])[-1]
        # A browser sends a line end as two characters; a note has one.
        note = (fields.get(f"note:{token}") or [""])[-1].replace("\r\n", "\n").strip()
        answer = None
        try:
            answer = kind.read_form(forms.relative(fields.items(), token), settings)
        except Bad as error:
            if way == ANSWER:
                page.problems[token] = str(error)
        page.typed[token] = Typed(way, note, answer)
        if way == BROKEN and not note:
            page.problems[token] = _("say in a few words what is broken")
        elif way in (SKIP, BROKEN):
            page.answers[token] = {way: note}
        elif answer is not None:
            page.answers[token] = {ANSWER: answer, "note": note} if note else {ANSWER: answer}
    return page
