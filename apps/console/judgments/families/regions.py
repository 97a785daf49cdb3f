"""Regions that workers marked, each by its bounds and perhaps of a type: what boxes and stretches of time share."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from apps.aggregation.agreement import pairwise
from apps.aggregation.answers import Answers
from apps.aggregation.em import Progress
from apps.aggregation.regions import Region
from apps.aggregation.regions import Regions as Clustered
from apps.console.judgments.figures import Figure, over
from apps.console.judgments.files import Gold

from .base import Family, Outcome, parsed, read_json, short

Found = Sequence[Region]


class Regions(Family):
    methods = ("cluster",)
    default = "cluster"
    label_type = pa.json_()
    should: ClassVar[str]  # what a label should be

    @staticmethod
    @abstractmethod
    def fit(answers: Answers[Found], *, progress: Progress | None = None) -> Clustered:
        """Return the regions that most workers marked."""

    @staticmethod
    @abstractmethod
    def f1(one: Found, other: Found) -> float:
        """Return how far two workers, or labels and gold, mark the same."""

    @classmethod
    @abstractmethod
    def region(cls, given: Any) -> Region:
        """Return a region as a label has it. Raises ValueError, with a sentence, for what is none."""

    @staticmethod
    @abstractmethod
    def written(bounds: Sequence[float]) -> Sequence[float]:
        """Return the numbers by which a label tells a region's bounds."""

    def prepare(self) -> None:
        self.answers = self.answered(self.read)

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = self.fit(self.answers, progress=progress)
        none = [self._marked_none(given, found) for _, given in self.answers.by_task()]
        sure = [
            float(np.mean(marked)) if marked else empty for marked, empty in zip(found.confidence, none, strict=True)
        ]
        return self.outcome([self.write(one) for one in found.regions], found.regions, np.array(sure), method)

    @staticmethod
    def _marked_none(given: Sequence[Found], found: Clustered) -> float:
        return float(np.mean([not one for one in given])) if len(given) > 1 else found.alone

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [Figure.of("pairwise F1 at IoU .5", pairwise(self.answers, self.f1, bounds=(0, 1), progress=progress))]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        pairs = self.beside(outcome, gold)
        size = [len(truth) + len(found) for truth, found in pairs]
        hits = [self.f1(*both) * both_size for both, both_size in zip(pairs, size, strict=True)]
        return [over("F1 at IoU .5", hits, size)]

    def beside(self, outcome: Outcome, gold: Gold) -> list[tuple[Found, Found]]:
        """Return the right answer and the label of each task with gold."""
        truths = parsed(gold.label, self.read, gold.bad)
        return [(truths[code], outcome.answers[task]) for code, task in zip(gold.label.code, gold.task, strict=True)]

    @classmethod
    def read(cls, text: str) -> Found:
        given = read_json(text, cls.should)
        if not isinstance(given, list):
            raise ValueError(f"label {short(text)} is no list; it should be {cls.should}")
        return tuple(cls.region(one) for one in given)

    @classmethod
    def write(cls, found: Found) -> str:
        regions = []
        for bounds, kind in found:
            rounded = [float(f"{number:.10g}") for number in cls.written(bounds)]
            regions.append([*rounded, kind] if kind else rounded)
        return json.dumps(regions, ensure_ascii=False)

    @classmethod
    def no_region(cls, given: Any, called: str) -> ValueError:
        return ValueError(
            f"{short(json.dumps(given, ensure_ascii=False))} is no {called}; the label should be {cls.should}"
        )
