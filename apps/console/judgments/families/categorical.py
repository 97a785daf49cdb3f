"""One label of a few: classes."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from apps.aggregation import Table, ordinal
from apps.aggregation.agreement import Metric, alpha, cohen, fleiss, gwet, percent
from apps.aggregation.agreement.bootstrap import CELLS, REPLICATES, coefficient
from apps.aggregation.agreement.units import mixed, one_hot
from apps.aggregation.agreement.weights import MOST
from apps.aggregation.arrays import Floats, Ints, ratio
from apps.aggregation.audit import wilson
from apps.aggregation.em import Progress
from apps.aggregation.methods import DEFAULT, METHODS, WIDE, WITHOUT_CONFUSIONS, Fit, fits
from apps.aggregation.steps import telling
from apps.console.judgments.columns import BadFile, tidy
from apps.console.judgments.figures import Figure
from apps.console.judgments.files import Gold

from .base import Family, Misfit, Outcome, as_number, check_metric, short

SCALE: Mapping[str, Fit] = {"ordinal": ordinal.fit}
DOUBTS = 3  # told
UNHEARD = "{label!r} is the known answer, and nobody gave it to any task: a method cannot be told of it"
PLAIN = re.compile(r"[+-]?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")


class Categorical(Family):
    name = "categorical"
    labels = "a class, as in cat"
    methods = (*METHODS, *SCALE)
    default = DEFAULT
    known: Mapping[int, int] | None = None  # task -> class, told to the method

    def prepare(self) -> None:
        asked = self.judgments
        self.classes = Classes.of(asked.label.names.to_pylist())
        self.names = pa.array(self.classes.names, pa.string())
        self.values = self.classes.values
        self.label_type = self.classes.type
        self.remarks = self.classes.doubts
        self.merged = len(asked.label.names) - len(self.names)
        label = self.classes.place[asked.label.code]
        size = (len(asked.task.names), len(asked.worker.names), len(self.names))
        self.table = Table(asked.task.code, asked.worker.code, label, *size)

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        fit = {**METHODS, **SCALE}[method]
        notes: tuple[str, ...] = ()
        if self.merged:
            others = "label is another" if self.merged == 1 else "labels are others"
            notes += (f"{self.merged:,} {others} written otherwise, as 1.0 is 1, and counted so",)
        result = telling(fit, progress)(self.table, self.known)
        told = result.diagnostics
        if not told.converged:
            notes += (f"not converged after {told.iterations} iterations",)
        labels = self.names.take(pa.array(result.label))
        return self.outcome(labels, result.label, result.confidence, told.method, notes)

    def misfit(self, method: str) -> Misfit | None:
        labels, workers = self.table.n_labels, self.table.n_workers
        if not fits(method, workers=workers, labels=labels, is_wide=self.table.is_wide):
            why = f"{labels:,} labels of {workers:,} workers make confusion matrices too large for {method}"
            others = [name for name in WITHOUT_CONFUSIONS if name != "weighted"]
            if self.table.is_wide:
                why = (
                    f"{labels:,} labels of {self.table.n_tasks:,} tasks are too many to weigh each of them by {method}"
                )
                others = [name for name in WIDE if name != "weighted"]
            return Misfit(why, "weighted", f"and so do{'es' * (len(others) == 1)} {', '.join(others)}, or --kind text")
        if method in SCALE and self.values is None:
            return Misfit(
                f"it is for labels on a scale, and {short(self.classes.names[0])} is no number",
                self.default, f"and so do {', '.join(name for name in METHODS if name != self.default)}",
            )  # fmt: skip
        return None

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        table = self.table
        found = [
            *self.glance(),
            Figure.of("Fleiss' kappa", fleiss(table)),
            Figure.of("Gwet's AC1", gwet(table)),
        ]
        if table.n_workers == 2:
            found.append(Figure.of("Cohen's kappa", cohen(table)))
        if self.values is not None and table.n_labels > 2:
            found += [
                Figure.of("alpha, ordinal", alpha(table, "ordinal", self.values)),
                Figure.of("alpha, interval", alpha(table, "interval", self.values)),
            ]
        if self.values is not None and 2 < table.n_labels <= MOST:
            found.append(Figure.of("Gwet's AC2, quadratic", gwet(table, "quadratic", self.values)))
            if table.n_workers == 2:
                found.append(Figure.of("Cohen's kappa, quadratic", cohen(table, 0, 1, "quadratic", self.values)))
        return found

    def alpha(self, metric: Metric) -> Figure:
        if metric == "nominal":
            return Figure.of("alpha, nominal", alpha(self.table))
        if self.values is None:
            raise BadFile(f"--metric {metric} is for numbers, and {short(self.classes.names[0])} is none")
        check_metric(metric, self.values)
        return Figure.of(f"alpha, {metric}", alpha(self.table, metric, self.values))

    def same(self, label: str) -> Hashable:
        return self.classes.meaning(label)

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [
            Figure.of("percent agreement", percent(self.table), share=True),
            Figure.of("Krippendorff's alpha", alpha(self.table)),
        ]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truth, classes = self.truth(gold)
        return rightness(truth, np.asarray(outcome.answers)[gold.task], classes)

    def clamp(self, gold: Gold) -> None:
        truth, _ = self.truth(gold)
        unheard = np.flatnonzero(truth >= len(self.names))
        if len(unheard):
            label = gold.label.names[int(gold.label.code[unheard[0]])].as_py()
            raise gold.bad(int(unheard[0]), UNHEARD.format(label=label))
        self.known = dict(zip(gold.task.tolist(), truth.tolist(), strict=True))

    def doubts(self, gold: Gold) -> list[str]:
        code, _ = self.truth(gold)
        unheard = np.unique(gold.label.code[code >= len(self.classes.names)])
        if not len(unheard):
            return []
        some = ", ".join(short(gold.label.names[int(name)].as_py()) for name in unheard[:3])
        return [f"labels of gold that nobody gave: {len(unheard):,}, {some}{', ...' if len(unheard) > 3 else ''}"]

    def truth(self, gold: Gold) -> tuple[Ints, int]:
        """Return the code of each gold label, those that nobody gave numbered after the others, and how many in all."""
        meaning = self.classes.meaning
        code = {meaning(name): n for n, name in enumerate(self.classes.names)}
        place = [code.setdefault(meaning(name), len(code)) for name in gold.label.names.to_pylist()]
        return np.array(place, dtype=np.int64)[gold.label.code], len(code)


def rightness(truth: Ints, label: Ints, classes: int) -> list[Figure]:
    """Return the share of labels that are right, and macro-F1."""
    right = int((label == truth).sum())
    share = wilson(right, len(truth))
    accuracy = Figure("accuracy", share.value, share.low, share.high, len(truth), share=True)
    return [accuracy, macro_f1(truth, label, classes)]


def macro_f1(truth: Ints, label: Ints, classes: int) -> Figure:
    """Return the mean over classes, of gold or found, of each one's F1."""
    cell, repeats = np.unique(np.asarray(truth, dtype=np.int64) * classes + label, return_counts=True)
    true, found = np.divmod(cell, classes)
    is_true, is_found = one_hot(true, classes), one_hot(found, classes)
    hits = is_true.multiply((true == found)[:, None]).tocsr()

    def statistic(weights: Floats) -> Floats:
        size = mixed(weights, is_true) + mixed(weights, is_found)
        values: Floats = ratio((2 * ratio(mixed(weights, hits), size, 0.0)).sum(axis=1), (size > 0).sum(axis=1))
        return values

    if classes * REPLICATES > CELLS:
        return Figure("macro-F1", float(statistic(repeats[None, :].astype(np.float64))[0]), np.nan, np.nan, len(truth))
    return Figure.of("macro-F1", coefficient(statistic, repeats))


@dataclass(frozen=True, eq=False)
class Classes:
    """Args:
    names: of each class, in order of the codes; of labels that are one class, as 1 and 1.0, the shorter.
    values: what they are as numbers, None where one is none.
    place: (labels,) the code of each label given.
    """

    names: list[str]
    values: Floats | None
    place: Ints

    @classmethod
    def of(cls, labels: list[str]) -> Classes:
        """Return the classes that labels are; so many of them may be others written otherwise.

        >>> Classes.of(["2", "10", "1.0", "1"]).names, Classes.of(["007", "7"]).names
        (['1', '2', '10'], ['007', '7'])
        """
        are_numbers = all(number(label) is not None for label in labels)
        meanings: list[Any] = [number(label) if are_numbers else tidy(label) for label in labels]
        shown: dict[Any, str] = {}
        for label, meaning in sorted(zip(labels, meanings, strict=True), key=lambda pair: len(pair[0])):
            shown.setdefault(meaning, tidy(label))
        code = {meaning: n for n, meaning in enumerate(sorted(shown))}  # so a tie goes to the lower number
        values = np.array([float(meaning) for meaning in code]) if are_numbers else None
        return cls([shown[meaning] for meaning in code], values, np.array([code[meaning] for meaning in meanings], int))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes one doubt that classes are others.

        >>> Classes.of(["yes", "Yes", "no"]).doubts
        ("labels that differ by case only are different classes: 'Yes', 'yes'",)
        """
        alike: dict[str, list[str]] = {}
        for name in self.names:
            alike.setdefault(name.casefold(), []).append(name)
        twice = [names for names in alike.values() if len(names) > 1]
        if not twice:
            return ()
        told = "; ".join(", ".join(map(short, names)) for names in twice[:DOUBTS]) + "; ..." * (len(twice) > DOUBTS)
        return (f"labels that differ by case only are different classes: {told}",)

    @property
    def type(self) -> Any:
        """What the classes are as values: whole numbers, numbers, lists and objects of JSON, or texts.

        >>> [str(Classes.of(labels).type) for labels in (["1", "2.0"], ["1.5"], ["007"], ['["cat", "dog"]', "[]"])]
        ['int64', 'double', 'string', 'extension<arrow.json>']
        """
        if self.values is not None:
            is_whole = all(value.is_integer() and abs(value) < 2.0**63 for value in self.values.tolist())
            return pa.int64() if is_whole else pa.float64()
        return pa.json_() if all(map(is_structured, self.names)) else pa.string()

    def meaning(self, label: str) -> str | Decimal:
        """Return what makes a label the same as another: its number, or the text as `tidy` has it."""
        value = number(label) if self.values is not None else None
        return tidy(label) if value is None else value


def is_structured(label: str) -> bool:
    """Whether a label is a list or an object of JSON."""
    if label[:1] not in ("[", "{"):
        return False
    try:
        json.loads(label)
    except (ValueError, RecursionError):
        return False
    return True


def number(label: str) -> Decimal | None:
    """Return the number that a label is, however it is written.

    None of a text, and of what only looks like a number: 007, 1_0, or more digits than a float holds.
    """
    text = tidy(label)
    if not PLAIN.fullmatch(text):
        return None
    value = Decimal(text)
    return value if Decimal(repr(float(text))) == value else None


def as_numbers(labels: list[str]) -> Floats | None:
    """Return labels as numbers, None where one is none."""
    try:
        values = np.array([as_number(label) for label in labels])
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None
