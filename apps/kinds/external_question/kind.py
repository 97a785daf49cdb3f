import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from apps.core.text import Unstorable, check_storable
from apps.kinds.base import Aggregate, BadAnswer, BadSettings, Character, Flat, Rng, Votes
from apps.kinds.consensus import of_distinct
from apps.kinds.external_question import answers, question, rules
from apps.kinds.framed import Frame, FramedKind
from apps.kinds.reading import ANSWER, Reader

Fields = tuple[tuple[str, str], ...]
MOST_FIELDS = 1000
MOST_CHARACTERS = 500_000
LONGEST_NAME = 256
_WORDS = ("cat", "dog", "cow", "yes", "no", "7", "blue")
_EMPTY: Fields = (("answer", "ok"),)
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """What a worker is told above the page."""

    question: str


class ExternalQuestion(FramedKind[Settings, Fields]):
    """A page of somebody else's in a frame; the answer is what its form holds, field by field, in the order of names.

    Answers are the same when all fields are; they differ by the share of fields that do.
    """

    title = "Page of your own"
    help = "Answer on the requester's own page."

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(raw, required=["question"])
        return Settings(_SETTINGS.text(fields["question"], "question", longest=2000))

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {"question": settings.question}

    def read(self, raw: object, settings: Settings) -> Fields:
        rows = _ANSWER.listing(raw, least=1, most=MOST_FIELDS)
        fields = tuple(sorted(_field(row, number) for number, row in enumerate(rows, start=1)))
        size = sum(len(name) + len(value) for name, value in fields)
        if size > MOST_CHARACTERS:
            raise _ANSWER.too_long(size, "", MOST_CHARACTERS)
        return fields

    def write(self, answer: Fields) -> list[list[str]]:
        return [list(field) for field in answer]

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> Any | None:
        given = (fields.get("fields") or [""])[-1].strip()
        return self.read_posted(parse_qsl(given, keep_blank_values=True)) if given else None

    def export(self, answer: Fields, settings: Settings) -> Flat:
        return {"answer": json.dumps(self.write(answer), ensure_ascii=False)}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> Fields:
        try:
            return self.read(json.loads(str(flat.get("answer"))), settings)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(_("the answer should be a JSON list of [field, value]: %(why)s") % {"why": error}) from None

    def distance(self, a: Fields, b: Fields, settings: Settings) -> float:
        """Return the share of fields that differ, of all that either has."""
        one, other = Counter(a), Counter(b)
        return 1 - (one & other).total() / (one | other).total()

    def aggregate(self, votes: Votes, settings: Settings, method: str = "dawid_skene") -> Aggregate:
        return of_distinct(votes, repr, lambda a, b: self.distance(a, b, settings))

    def guess(self, truth: Fields, character: Character, rng: Rng, settings: Settings) -> Fields:
        """Return the truth with the character's accuracy, else with one field spoilt.

        A careless worker sends the same whatever is asked, a swayed one fills in nothing.
        """
        if rng.random() < character.carelessness:
            return _EMPTY
        if rng.random() < character.bias:
            return tuple(sorted((name, "") for name, _ in truth))
        return truth if rng.random() < character.accuracy else _spoil(truth, int(rng.integers(len(truth))))

    def invent(self, rng: Rng, settings: Settings) -> Fields:
        return (("answer", str(rng.choice(_WORDS))), ("sure", str(rng.choice(_WORDS))))

    def own_fields(self, settings: Settings) -> frozenset[str]:
        return frozenset({"question"})

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        try:
            return {"fields": urlencode(self.read(chosen, settings)) if chosen else ""}
        except BadAnswer:
            return {"fields": ""}

    def read_question(self, xml: str, *, as_test: bool = False) -> dict[str, Any]:
        question.check(xml, as_test=as_test)
        return {"question": xml}

    def frame(self, item: Mapping[str, Any]) -> Frame:
        return question.frame(_xml(item))

    def again(self, item: Mapping[str, Any], fields: Iterable[tuple[str, str]]) -> Frame | None:
        given = self.read_posted(fields)
        wrong = rules.problems(_asked(item), given)
        return question.again(_xml(item), given, wrong) if wrong else None

    def check(self, answer: Fields, item: Mapping[str, Any]) -> None:
        wrong = rules.problems(_asked(item), answer)
        if wrong:
            raise BadAnswer(" ".join(f"{name}: {said}" for name, said in wrong.items()))

    def read_posted(self, fields: Iterable[tuple[str, str]]) -> Any:
        return [[name, value.replace("\r\n", "\n")] for name, value in fields]

    def write_xml(self, answer: Fields, item: Mapping[str, Any]) -> str:
        return answers.write(answer, choices=rules.choices(_asked(item)))


def _xml(item: Mapping[str, Any]) -> str:
    return str(item.get("question", ""))


def _asked(item: Mapping[str, Any]) -> tuple[rules.Asked, ...]:
    """Return what an item's question asks: nothing where it can't be read, and was never shown."""
    try:
        return question.asks(_xml(item))
    except BadSettings:
        return ()


def _field(row: object, number: int) -> tuple[str, str]:
    where = _("field %(n)s") % {"n": number}
    if not isinstance(row, list | tuple) or len(row) != 2 or not all(isinstance(part, str) for part in row):
        raise _ANSWER.refuse(row, where, _("a pair of texts: its name and its value"))
    name, value = row
    if not 1 <= len(name) <= LONGEST_NAME:
        said = _("%(where)s has a name of %(n)s characters; it should have 1 to %(most)s")
        raise BadAnswer(said % {"where": where, "n": len(name), "most": LONGEST_NAME})
    try:
        check_storable([name, value], where)
    except Unstorable as error:
        raise BadAnswer(str(error)) from None
    return name, value


def _spoil(truth: Fields, at: int) -> Fields:
    name, value = truth[at]
    return tuple(sorted([*truth[:at], (name, f"{value}?"), *truth[at + 1 :]]))


KIND = ExternalQuestion()
