"""Elements of MTurk's documents, whatever schema's name stands before theirs."""

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from apps.kinds.errors import BadSettings

# What becomes of a demand that can't be kept, told in a sentence: where a question is taken in, it is refused.
Refuse = Callable[[str], None]


def refuse(said: str) -> None:
    raise BadSettings(said, where="question")


def leave_out(said: str) -> None:
    """Leave the demand out: the question was taken in, and workers may be at it."""


def name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def children(root: Element, wanted: str) -> Iterator[Element]:
    return (child for child in root if name(child) == wanted)


def child(root: Element, wanted: str) -> Element | None:
    return next(children(root, wanted), None)


def find(root: Element, wanted: str) -> Element | None:
    """Return the first element of this name, however deep."""
    return next((element for element in root.iter() if name(element) == wanted), None)


def text(root: Element, wanted: str, *, missing: str | None = None) -> str:
    """Return the text of a child; raise BadSettings where there is none."""
    found = child(root, wanted)
    if found is None or not (found.text or "").strip():
        if missing is not None:
            return missing
        raise BadSettings(f"{wanted} is missing in the question, or is empty", where="question")
    return found.text or ""


def count(given: str | None, *, what: str, refuse: Refuse, least: int = 0) -> int | None:
    """Return a whole number as a requester wrote it, None where there is none."""
    if given is None or not given.strip():
        return None
    written = given.strip()
    digits = written.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18 and int(written) >= least):
        refuse(f"{what} is {written[:20]!r}; it should be a whole number from {least}")
        return None
    return int(written)
