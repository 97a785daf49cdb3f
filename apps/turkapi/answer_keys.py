"""A qualification test's answer key: MTurk's AnswerKey document, 2005-10-01, read and applied. Pure.

Only questions that are answered by choosing have right answers; a question's score is that of the option whose
identifiers are just those chosen, or its default. The sum is mapped to the qualification's value: a percentage of the
most there may be, a multiple, or by ranges; without a mapping it is the value.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.core.money import half_up

LARGEST = 65_535  # bytes
LEAST_VALUE, MOST_VALUE = -(2**31), 2**31 - 1  # of a qualification
OWN_TEXT = "\0"  # stands for an answer of a worker's own to a choice: XML has no such identifier
NAMESPACE = re.compile(r"http://mechanicalturk\.amazonaws\.com/.+/AnswerKey\.xsd")


class BadKey(ValueError):
    """The answer key can't be read; the text says why."""


@dataclass(frozen=True)
class Question:
    """A question's options, each a set of identifiers with its score, and the score of any other answer."""

    options: Mapping[frozenset[str], int]
    default: int = 0


@dataclass(frozen=True)
class AnswerKey:
    """What each answer is worth, and what the sum means."""

    questions: Mapping[str, Question]
    value: Callable[[int], int] = field(compare=False, default=lambda total: total)

    def extremes(self) -> tuple[int, int]:
        """Return the least and the most that the sum of scores can be."""
        scores = [[question.default, *question.options.values()] for question in self.questions.values()]
        return sum(map(min, scores)), sum(map(max, scores))

    def score(self, answers: Iterable[tuple[str, str]]) -> int:
        """Return the qualification's value for these answers: pairs of a question's identifier and one choice."""
        given: dict[str, set[str]] = {}
        for name, choice in answers:
            given.setdefault(name, set()).add(choice)
        total = 0
        for name, question in self.questions.items():
            total += question.options.get(frozenset(given.get(name, ())), question.default)
        return min(max(self.value(total), LEAST_VALUE), MOST_VALUE)  # a key taken in before may give more


def chosen(answers: str) -> list[tuple[str, str]]:
    """Return what was chosen in QuestionFormAnswers, which the requester reads: pairs of a question and a choice."""
    found = []
    for answer in _all(fromstring(answers, forbid_dtd=True), "Answer"):
        name = _text(answer, "QuestionIdentifier")
        found += [(name, (each.text or "").strip()) for each in _all(answer, "SelectionIdentifier")]
        found += [(name, OWN_TEXT) for _ in _all(answer, "OtherSelectionText")]
    return found


def check(xml: str) -> None:
    """Raise `BadKey` for a key that can't be read, or that may give a value which no qualification has."""
    key = read(xml)
    for total in key.extremes():  # no mapping that takes larger sums has larger values between
        if not LEAST_VALUE <= key.value(total) <= MOST_VALUE:
            raise BadKey(f"a sum of {total} gives {key.value(total)}; it should be from {LEAST_VALUE} to {MOST_VALUE}")


def read(xml: str) -> AnswerKey:
    """Return the key that a document holds; raise `BadKey`."""
    if len(xml.encode("utf-8", "surrogatepass")) > LARGEST:
        raise BadKey(f"it is larger than {LARGEST} bytes")
    try:
        root = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadKey(f"it is not XML that can be read: {error}") from None
    namespace, _, name = str(root.tag).rpartition("}")
    if name != "AnswerKey" or not NAMESPACE.fullmatch(namespace.removeprefix("{")):
        raise BadKey(f"it is {name!r} of {namespace.removeprefix('{')!r}; it should be an AnswerKey")
    questions = {_text(each, "QuestionIdentifier"): _question(each) for each in _all(root, "Question")}
    if not questions:
        raise BadKey("it has no Question")
    mapping = _all(root, "QualificationValueMapping")
    return AnswerKey(questions, _mapping(mapping[0])) if mapping else AnswerKey(questions)


def _question(root: Element) -> Question:
    options = {
        frozenset((each.text or "").strip() for each in _all(option, "SelectionIdentifier")): _number(
            option, "AnswerScore"
        )
        for option in _all(root, "AnswerOption")
    }
    if frozenset() in options:
        raise BadKey("an AnswerOption has no SelectionIdentifier")
    return Question(options, _number(root, "DefaultScore", missing=0))


def _mapping(root: Element) -> Callable[[int], int]:
    kind = root[0] if len(root) else root
    name = _name(kind)
    if name == "PercentageMapping":
        most = _number(kind, "MaximumSummedScore")
        if most < 1:
            raise BadKey(f"MaximumSummedScore is {most}; it should be at least 1")
        return lambda total: half_up(100 * max(0, total), most)
    if name == "ScaleMapping":
        times = _decimal(kind, "SummedScoreMultiplier")
        return lambda total: half_up(total * times[0], times[1])
    if name == "RangeMapping":
        ranges = [
            (_number(each, "InclusiveLowerBound"), _number(each, "InclusiveUpperBound"),
             _number(each, "QualificationValue"))
            for each in _all(kind, "SummedScoreRange")
        ]  # fmt: skip
        outside = _number(kind, "OutOfRangeQualificationValue")
        return lambda total: next((value for low, high, value in ranges if low <= total <= high), outside)
    raise BadKey(f"QualificationValueMapping holds {name!r}; it should be a percentage, a scale or ranges")


def _all(root: Element, name: str) -> list[Element]:
    return [child for child in root if _name(child) == name]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(root: Element, name: str) -> str:
    found = _all(root, name)
    if not found or not (found[0].text or "").strip():
        raise BadKey(f"{name} is missing in {_name(root)}")
    return (found[0].text or "").strip()


def _number(root: Element, name: str, *, missing: int | None = None) -> int:
    if missing is not None and not _all(root, name):
        return missing
    text = _text(root, name)
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise BadKey(f"{name} is {text[:20]!r}; it should be a whole number")
    return int(text)


def _decimal(root: Element, name: str) -> tuple[int, int]:
    """Return a decimal number as a fraction."""
    text = _text(root, name)
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text):
        raise BadKey(f"{name} is {text[:20]!r}; it should be a number")
    whole, _, part = text.partition(".")
    return int(whole + part), int(10 ** len(part))
