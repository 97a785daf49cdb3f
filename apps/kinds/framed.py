"""Kinds whose question is a page of somebody else's: it is shown in a frame, and hands in what its form holds."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from apps.kinds.base import Kind

S = TypeVar("S")
A = TypeVar("A")


@dataclass(frozen=True)
class Frame:
    """What stands in the frame: the page at `url` or, where that is empty, the document `html`; `height` in pixels.

    In `html` the address that takes the form is written as `SUBMIT`; a form without one goes to the page itself.
    """

    url: str
    html: str
    height: int


SUBMIT = "https://www.mturk.com/mturk/externalSubmit"  # as twenty years of pages name it


class FramedKind(Kind[S, A]):
    """A kind that asks in a frame. Its item holds the question as MTurk's requesters write it, in XML."""

    @abstractmethod
    def read_question(self, xml: str, *, as_test: bool = False) -> dict[str, Any]:
        """Return the item's data that holds this question; raise BadSettings, saying what is wrong in it.

        What is refused here alone is not refused of an item that was taken in before: it is read without that.
        A test has to say by itself what it asks.
        """

    @abstractmethod
    def frame(self, item: Mapping[str, Any]) -> Frame:
        """Return what is shown for an item; raise BadSettings for one that holds no question."""

    @abstractmethod
    def again(self, item: Mapping[str, Any], fields: Iterable[tuple[str, str]]) -> Frame | None:
        """Return the page with what its form held and what is wrong with that; None where nothing is."""

    @abstractmethod
    def check(self, answer: A, item: Mapping[str, Any]) -> None:
        """Raise BadAnswer, saying all that is wrong, where the item's question does not take the answer."""

    @abstractmethod
    def read_posted(self, fields: Iterable[tuple[str, str]]) -> Any:
        """Return the raw answer that the page's form holds."""

    @abstractmethod
    def write_xml(self, answer: A, item: Mapping[str, Any]) -> str:
        """Return the answer as MTurk hands it out: a QuestionFormAnswers document."""
