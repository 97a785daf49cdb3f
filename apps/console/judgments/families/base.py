"""What a family of answers can do with a file of judgments."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from apps.aggregation.agreement import Metric
from apps.aggregation.answers import Answers
from apps.aggregation.arrays import Floats, Ints
from apps.aggregation.em import Progress
from apps.console.judgments.columns import BadFile, Column, tidy
from apps.console.judgments.figures import Figure
from apps.console.judgments.files import Gold, Judgments

A = TypeVar("A")
LARGEST = 1e100
MOST_RATIOS = 3000
DECIMALS = 10  # of a confidence: sums in another order, as several processes have, differ far behind them


@dataclass(frozen=True, eq=False)
class Outcome:
    """The combined answers.

    Args:
        columns: what is written, in this order: task, label, confidence, and what the family adds.
        answers: one a task as the family holds it, for scoring.
        confidence: nan where unknown.
        notes: what a reader of the summary should know.
    """

    columns: Mapping[str, Any]
    answers: Any
    confidence: Floats
    method: str
    notes: tuple[str, ...] = ()


class Misfit(NamedTuple):
    """Why a method does not fit a file's answers, the method that does, and in words what else may be taken."""

    why: str
    instead: str
    others: str


class Family(ABC):
    """Judgments whose labels have been read.

    Args:
        lengths: tokens of each task's document, where the caller knows them.

    Raises:
        BadFile: when a label is not what the family's labels are.
    """

    name: ClassVar[str]
    labels: ClassVar[str]  # what a label is, for who has another
    methods: ClassVar[Sequence[str]]
    default: ClassVar[str]
    may_be_empty: ClassVar[bool] = False
    in_pairs: ClassVar[bool] = False  # whether columns left and right say what a label is about
    remarks: Sequence[str] = ()  # what a reader of the figures should know
    label_type: Any = pa.string()  # what the labels' texts stand for, in files of formats that have types

    def __init__(self, judgments: Judgments, lengths: Ints | None = None) -> None:
        self.judgments = judgments
        self.lengths = lengths
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Read the labels."""

    def aggregate(self, method: str | None = None, progress: Progress | None = None) -> Outcome:
        """Return the combined answers by one of `methods`; where none is named by the default, if it fits.

        Raises:
            BadFile: when the method that is named does not fit these answers: who asks for one gets no other.
        """
        taken = method or self.default
        unfit = self.misfit(taken)
        if not unfit:
            return self.combine(taken, progress)
        if method:
            raise BadFile(f"method {method} does not fit: {unfit.why}; {unfit.instead} does, {unfit.others}")
        outcome = self.combine(unfit.instead, progress)
        return replace(outcome, notes=(f"{unfit.why}: {unfit.instead} instead of {taken}", *outcome.notes))

    @abstractmethod
    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        """Return the combined answers by one of `methods`, which fits."""

    def clamp(self, gold: Gold) -> None:
        """Have the method told the known answers, which its labels keep.

        Raises:
            BadFile: when these answers' methods are told none, or a label is one that nobody gave.
        """
        raise BadFile(f"--clamp is for --kind categorical, and these are {self.name}")

    def misfit(self, method: str) -> Misfit | None:
        """Return why one of `methods` does not fit these answers, None where it does."""
        return None

    @abstractmethod
    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        """Return every coefficient that fits, the most telling first."""

    def alpha(self, metric: Metric) -> Figure:
        """Return Krippendorff's alpha by a metric that is asked for.

        Raises:
            BadFile: where it does not fit these answers.
        """
        raise BadFile(f"--metric is for --kind categorical or numeric, and these are {self.name}")

    @abstractmethod
    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        """Return how near the outcome is to gold, what the family is judged by first."""

    def doubts(self, gold: Gold) -> list[str]:
        """Return what makes one doubt that gold and judgments speak of the same."""
        return []

    def same(self, label: str) -> Hashable:
        """Return what two labels have in common when they are one answer: what they hold as JSON, else as a name."""
        try:
            return json.dumps(json.loads(label, parse_int=float), sort_keys=True)
        except (ValueError, RecursionError):
            return tidy(label)

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        """Return the coefficients that a summary shows."""
        return self.agreement(progress)[:2]

    def outcome(self, labels: Any, answers: Any, confidence: Floats, method: str, notes: Sequence[str] = ()) -> Outcome:
        """Return an outcome with one label for each task."""
        sure = np.clip(confidence, 0.0, 1.0)
        columns = {"task": self.judgments.task.names, "label": labels, "confidence": numbers(sure)}
        return Outcome(columns, answers, sure, method, tuple(notes))

    def answered(self, read: Callable[[str], A]) -> Answers[A]:
        """Return all answers, each distinct label read once."""
        told = parsed(self.judgments.label, read, self.judgments.bad)
        return self.of([told[code] for code in self.judgments.label.code])

    def of(self, answers: Sequence[A]) -> Answers[A]:
        """Return answers, one for each judgment, by task and worker."""
        asked = self.judgments
        return Answers(asked.task.code, asked.worker.code, answers, len(asked.task.names), len(asked.worker.names))


def parsed(labels: Column, read: Callable[[str], A], bad: Callable[[int, str], BadFile]) -> list[A]:
    """Return each distinct label read; of those that cannot be, the first of the file is told."""
    found: list[A] = []
    faults: dict[int, str] = {}
    for code, text in enumerate(labels.names.to_pylist()):
        try:
            found.append(read(text))
        except ValueError as error:
            faults[code] = str(error)
    if faults:
        row = int(np.isin(labels.code, list(faults)).argmax())
        raise bad(row, faults[int(labels.code[row])])
    return found


def check_metric(metric: Metric, values: Floats) -> None:
    """Raise BadFile where alpha by this metric is not for these numbers."""
    if metric != "ratio":
        return
    if (values < 0).any():
        raise BadFile(f"--metric ratio is for numbers from 0 on, and {values.min():g} is below; --metric interval does")
    if len(np.unique(values)) > MOST_RATIOS:
        raise BadFile(f"--metric ratio is for at most {MOST_RATIOS:,} different numbers: it compares each with each")


def read_json(text: str, should: str) -> Any:
    """Return what a label of JSON holds; `should` says what it should be."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"label {short(text)} is not JSON; it should be {should}") from None


def as_number(text: str) -> float:
    """Return the number that a text is.

    As Python reads it, but for the underscores that Python takes between digits: to all others, 10_14 is a range.

    Raises:
        ValueError: where it is none.

    >>> as_number(" 1e3 ")
    1000.0
    """
    if "_" in text:
        raise ValueError(f"{short(text)} is not a number")
    return float(text)


def is_number(value: object) -> bool:
    """Whether it is one that areas and sums can be made of: neither nan nor too large."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def amount(number: int, noun: str) -> str:
    """Return so many of a thing, as 1 label or 1,200 labels."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def numbers(values: Floats) -> Any:
    """Return numbers as a column, empty where there are none."""
    return pa.array(np.round(values, DECIMALS), mask=np.isnan(values))
