"""Boxes in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.aggregation import boxes
from apps.aggregation.agreement import alpha_by_distance
from apps.aggregation.em import Progress
from apps.aggregation.regions import Region
from apps.aggregation.steps import part
from apps.console.judgments.figures import Figure, over
from apps.console.judgments.files import Gold

from .base import Outcome, is_number
from .regions import Regions


class Boxes(Regions):
    name = "boxes"
    labels = "boxes as [[left, top, width, height], ...]"
    should = 'a list of [left, top, width, height] or [left, top, width, height, "type"]'
    fit = staticmethod(boxes.fit)
    f1 = staticmethod(boxes.f1)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            *self.glance(part(progress, 0, 2)),
            Figure.of(
                "alpha, by 1 - F1",
                alpha_by_distance(self.answers, lambda x, y: 1 - boxes.f1(x, y), progress=part(progress, 1, 2)),
            ),
        ]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        pairs = [boxes.shared(*both) if all(both) else (0, 0.0) for both in self.beside(outcome, gold)]
        number, overlap = zip(*pairs, strict=True)
        return [*super().accuracy(outcome, gold), over("mean IoU of found boxes", overlap, number)]

    @classmethod
    def region(cls, given: Any) -> Region:
        match given:
            case [left, top, width, height]:
                kind = ""
            case [left, top, width, height, str(kind)]:
                pass
            case _:
                raise cls.no_region(given, "box")
        if not (all(map(is_number, given[:4])) and width >= 0 and height >= 0):
            raise cls.no_region(given, "box")
        return Region((float(left), float(top), float(left + width), float(top + height)), kind)

    @staticmethod
    def written(bounds: Sequence[float]) -> Sequence[float]:
        left, top, right, bottom = bounds
        return left, top, right - left, bottom - top
