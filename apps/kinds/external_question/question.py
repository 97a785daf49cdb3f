"""Questions as MTurk's requesters write them: ExternalQuestion, HTMLQuestion and QuestionForm, in XML."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.kinds.errors import BadSettings
from apps.kinds.external_question import asked, form
from apps.kinds.external_question.elements import text
from apps.kinds.external_question.rules import Asked, Choice, Own
from apps.kinds.framed import Frame

LARGEST = 65_535  # bytes, as MTurk allows
TALLEST = 10_000
# Where a requester's own machine stands in for the public server that https asks for.
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")
SCHEMAS = {
    "ExternalQuestion": re.compile(r"http://mechanicalturk\.amazonaws\.com/.+/ExternalQuestion\.xsd"),
    "HTMLQuestion": re.compile(r"http://mechanicalturk\.amazonaws\.com/.+/HTMLQuestion\.xsd"),
    "QuestionForm": re.compile(r"http://mechanicalturk\.amazonaws\.com/.+/QuestionForm\.xsd"),
}


@dataclass(frozen=True)
class Question:
    """A question: what to show, and what a QuestionForm asks."""

    frame: Frame
    asked: tuple[Asked, ...] = ()

    @property
    def choices(self) -> dict[str, Own | None]:
        """Return which of its fields are choices among named options, with the one of an answer of one's own."""
        return {each.identifier: each.answer.own for each in self.asked if isinstance(each.answer, Choice)}


def read(xml: str) -> Question:
    """Read a question; raise BadSettings with a sentence."""
    root = _root(xml)
    name = root.tag.rpartition("}")[2]
    if name == "ExternalQuestion":
        return Question(Frame(_address(text(root, "ExternalURL")), "", _height(root)))
    if name == "HTMLQuestion":
        return Question(Frame("", text(root, "HTMLContent"), _height(root)))
    return Question(Frame("", form.document(root), form.HEIGHT), asked.read(root))


def again(xml: str, fields: Iterable[tuple[str, str]], problems: Mapping[str, str]) -> Frame:
    """Return a QuestionForm with what was typed, and what is wrong with it beside each question."""
    return Frame("", form.document(_root(xml), fields=fields, problems=problems), form.HEIGHT)


def _root(xml: str) -> Element:
    if len(xml.encode("utf-8", "surrogatepass")) > LARGEST:
        raise BadSettings(f"the question is larger than {LARGEST} bytes", where="question")
    try:
        # A declared encoding is about the bytes it came in; this is text already.
        root: Element = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadSettings(f"the question is not XML that can be read: {error}", where="question") from None
    schema, name = _named(root)
    if name not in SCHEMAS or not SCHEMAS[name].fullmatch(schema):
        known = ", ".join(SCHEMAS)
        raise BadSettings(
            f"the question is {name!r} of the xmlns {schema!r}; it should be one of {known}, of its own",
            where="question",
        )
    return root


def _named(root: Element) -> tuple[str, str]:
    schema, _, name = root.tag.rpartition("}")
    return schema.removeprefix("{"), name


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in OWN_MACHINE)):
        raise BadSettings(f"ExternalURL is {url[:80]!r}; it should be an address that begins with https://")
    return url.strip()


def _height(root: Element) -> int:
    given = text(root, "FrameHeight", missing="0").strip()
    if not given.isdecimal() or int(given) > TALLEST:
        raise BadSettings(f"FrameHeight is {given[:20]!r}; it should be from 0 (as high as the window) to {TALLEST}")
    return int(given)
