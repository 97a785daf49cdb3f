"""Questions as MTurk's requesters write them: ExternalQuestion, HTMLQuestion and QuestionForm, in XML."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.kinds.errors import BadSettings
from apps.kinds.external_question import asked, form
from apps.kinds.external_question.elements import name, refuse, text
from apps.kinds.external_question.rules import Asked
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


def check(xml: str, *, as_test: bool = False) -> None:
    """Raise BadSettings, with a sentence, unless the question can be asked as it is written.

    A test is a QuestionForm, as at MTurk: what another question asks is not known here, nor shown beside a test.
    """
    root = _root(xml)
    if as_test and name(root) != "QuestionForm":
        refuse(f"the test is of {name(root)}; it should be a QuestionForm")
    _frame(root)
    if name(root) == "QuestionForm":
        asked.read(root, refuse=refuse)


def frame(xml: str) -> Frame:
    """Return what is shown; raise BadSettings, with a sentence, for what holds no question."""
    return _frame(_root(xml))


def asks(xml: str) -> tuple[Asked, ...]:
    """Return what a QuestionForm asks, nothing of another question; raise BadSettings for what holds no question."""
    root = _root(xml)
    return asked.read(root) if name(root) == "QuestionForm" else ()


def again(xml: str, fields: Iterable[tuple[str, str]], problems: Mapping[str, str]) -> Frame:
    """Return a QuestionForm with what was typed, and what is wrong with it beside each question."""
    return Frame("", form.document(_root(xml), fields=fields, problems=problems), form.HEIGHT)


def _frame(root: Element) -> Frame:
    if name(root) == "ExternalQuestion":
        return Frame(_address(text(root, "ExternalURL")), "", _height(root))
    if name(root) == "HTMLQuestion":
        return Frame("", text(root, "HTMLContent"), _height(root))
    return Frame("", form.document(root), form.HEIGHT)


def _root(xml: str) -> Element:
    if len(xml.encode("utf-8", "surrogatepass")) > LARGEST:
        raise BadSettings(f"the question is larger than {LARGEST} bytes", where="question")
    try:
        # A declared encoding is about the bytes it came in; this is text already.
        root: Element = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadSettings(f"the question is not XML that can be read: {error}", where="question") from None
    schema, called = root.tag.rpartition("}")[0].removeprefix("{"), name(root)
    if called not in SCHEMAS or not SCHEMAS[called].fullmatch(schema):
        known = ", ".join(SCHEMAS)
        raise BadSettings(
            f"the question is {called!r} of the xmlns {schema!r}; it should be one of {known}, of its own",
            where="question",
        )
    return root


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
    digits = given.lstrip("0")
    if not (given.isascii() and given.isdecimal()) or len(digits) > 5 or int(digits or "0") > TALLEST:
        raise BadSettings(f"FrameHeight is {given[:20]!r}; it should be from 0 (as high as the window) to {TALLEST}")
    return int(digits or "0")
