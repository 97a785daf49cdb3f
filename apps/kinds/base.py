"""What every kind of question promises; a kind is one folder with a kind.py that sets `KIND`."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from apps.kinds.character import BIASED, CAREFUL, CHARACTERS, HASTY, SPAMMING, Character, Rng
from apps.kinds.describing import Setting
from apps.kinds.errors import Bad, BadAnswer, BadSettings
from apps.kinds.examples import Examples
from apps.kinds.label_studio import Config, Tag
from apps.kinds.reading import shown
from apps.kinds.votes import Aggregate, Combined, Votes

__all__ = [
    "BIASED",
    "CAREFUL",
    "CHARACTERS",
    "HASTY",
    "SPAMMING",
    "Aggregate",
    "Bad",
    "BadAnswer",
    "BadSettings",
    "Character",
    "Combined",
    "Examples",
    "Flat",
    "Kind",
    "Metric",
    "Rng",
    "Setting",
    "Votes",
]

S = TypeVar("S")
A = TypeVar("A")
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Flat = dict[str, str | int | float | bool | None]


class Kind(ABC, Generic[S, A]):
    """One kind of question: S is its settings (a frozen dataclass), A its answer (hashable)."""

    title: ClassVar[str]
    help: ClassVar[str]
    metric: ClassVar[Metric] = "nominal"
    # How a form asks for the settings, in order; of a kind that says nothing it takes them as text.
    described: ClassVar[Sequence[Setting]] = ()

    # Settings and answers, in and out

    @abstractmethod
    def read_settings(self, raw: object) -> S:
        """Return the settings that raw JSON holds; raise BadSettings."""

    @abstractmethod
    def write_settings(self, settings: S) -> dict[str, Any]:
        """Return the settings as JSON, complete with defaults; the inverse of `read_settings`."""

    @abstractmethod
    def read(self, raw: object, settings: S) -> A:
        """Return the answer that raw JSON holds; raise BadAnswer. Trusts nothing."""

    @abstractmethod
    def write(self, answer: A) -> Any:
        """Return the answer as JSON; the inverse of `read`."""

    @abstractmethod
    def read_form(self, fields: Mapping[str, Sequence[str]], settings: S) -> Any | None:
        """Return the raw answer that the widget's form controls hold without scripts, None where nothing was given.

        `fields` are the posted values by name, without the place's prefix (see `forms.relative`). Nothing is validated
        but what a raw answer could not express; that raises BadAnswer.
        """

    @abstractmethod
    def export(self, answer: A, settings: S) -> Flat:
        """Return the answer as flat columns, those that `columns` names, in that order."""

    @abstractmethod
    def import_(self, flat: Mapping[str, Any], settings: S) -> A:
        """Return the answer that flat columns hold, also where CSV made text of them; the inverse of `export`."""

    def columns(self, settings: S) -> list[str]:
        """Return the names of the exported columns, the same for every answer."""
        return ["answer"]

    # Comparing and combining

    @abstractmethod
    def distance(self, a: A, b: A, settings: S) -> float:
        """Return how far apart two answers are, in [0, 1]; symmetric, 0 for the same answer."""

    @abstractmethod
    def aggregate(self, votes: Votes, settings: S, method: str = "dawid_skene") -> Aggregate:
        """Return the consensus of every task from a whole campaign's votes.

        `method` is one of `aggregation.methods.METHODS`; a kind that can't use it takes a simpler one and says so in
        `Aggregate.method`.
        """

    def score(self, answer: A, known: Sequence[A], settings: S) -> float:
        """Return how right an answer is given the accepted ones, in [0, 1]; 1 is right."""
        return max((1 - self.distance(answer, accepted, settings) for accepted in known), default=0.0)

    def classes(self, settings: S) -> Sequence[A] | None:
        """Return all possible answers in the order of their codes, None where they cannot be listed."""
        return None

    def code(self, answer: A, settings: S) -> int | float | None:
        """Return the answer's value in a table of agreement, None where it has none (see `codes`)."""
        return None

    def codes(self, answers: Sequence[A], settings: S) -> NDArray[np.float64]:
        """Return one value for each answer, to measure agreement by `metric`; equal answers have equal values.

        Where an answer has no value of its own, its values count the distinct answers, in an order that the order of
        answers does not change.
        """
        own = [self.code(answer, settings) for answer in answers]
        if any(value is None for value in own):
            distinct = {written: n for n, written in enumerate(sorted({repr(self.write(a)) for a in answers}))}
            own = [distinct[repr(self.write(answer))] for answer in answers]
        return np.array(own, dtype=np.float64)

    def compared(self, settings: S) -> tuple[str, str] | None:
        """Return the item's fields shown on the left and the right, of a kind that asks which is preferred.

        Its answers are 'left', 'right' or a word for neither. None of all other kinds.
        """
        return None

    # Label Studio, for kinds that have a counterpart there

    def from_label_studio(self, config: Config) -> Any | None:
        """Return the raw settings that a configuration asks for, None where it is no question of this kind.

        Raises `label_studio.BadConfig` for what can't be kept.
        """
        return None

    def to_label_studio(self, settings: S) -> Tag | None:
        """Return the tag that asks the same, without its names; None where none does. The inverse of reading one."""
        return None

    def label_studio_result(self, answer: A, settings: S) -> tuple[str, dict[str, Any]] | None:
        """Return an answer's type and value in Label Studio's results, None where it has none."""
        return None

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: S) -> Any | None:
        """Return the raw answer that a result of Label Studio's holds, None where it is one to another question.

        The inverse of `label_studio_result`; nothing is validated.
        """
        return None

    # Simulating

    @abstractmethod
    def guess(self, truth: A, character: Character, rng: Rng, settings: S) -> A:
        """Return what a worker of this character answers when the truth is `truth`; always a valid answer."""

    @abstractmethod
    def invent(self, rng: Rng, settings: S) -> A:
        """Return some valid answer, as the truth of an invented item."""

    def confusion(self, character: Character, settings: S) -> NDArray[np.float64] | None:
        """Return the probabilities that `guess` samples from, shape (K, K), row = truth, in the order of `classes`.

        None for kinds without classes.
        """
        return None

    # Showing

    def own_fields(self, settings: S) -> frozenset[str]:
        """Return the item's fields that the widget shows itself, so that the item viewer leaves them out."""
        return frozenset()

    def context(self, settings: S, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        """Return what the widget's template needs beyond the common context (see `rendering.widget`).

        `chosen` is the raw answer to show, None for none; it may be a bad one that goes back to its author.
        """
        return {}

    # What follows from the folder

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def folder(self) -> Path:
        file = sys.modules[type(self).__module__].__file__
        if file is None:
            raise LookupError(f"{type(self).__name__} is not from a file; a kind should be a folder with a kind.py")
        return Path(file).parent

    @cached_property
    def examples(self) -> Examples:
        return Examples.load(self.folder / "examples.json")

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<kind {shown(self.name)}>"
