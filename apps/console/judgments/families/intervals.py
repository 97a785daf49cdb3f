"""Stretches of a time line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.aggregation import timeline
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.em import Progress
from apps.aggregation.regions import Region
from apps.aggregation.steps import part
from apps.console.judgments.figures import Figure, mean
from apps.console.judgments.files import Gold

from .base import Outcome, is_number
from .regions import Regions


class Intervals(Regions):
    name = "intervals"
    labels = "stretches of time as [[start, end], ...]"
    should = 'a list of [start, end] or [start, end, "type"], start before end'
    fit = staticmethod(timeline.fit)
    f1 = staticmethod(timeline.f1)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            *self.glance(part(progress, 0, 2)),
            Figure.of(
                "alpha, by 1 - IoU of time",
                alpha_by_distance(self.answers, lambda x, y: 1 - timeline.iou(x, y), progress=part(progress, 1, 2)),
            ),
        ]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        shared = pairwise(self.answers, timeline.iou, bounds=(0, 1), progress=part(progress, 1, 2))
        return [*super().glance(part(progress, 0, 2)), Figure.of("pairwise IoU of time", shared)]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        shared = np.array([timeline.iou(*both) for both in self.beside(outcome, gold)])
        return [*super().accuracy(outcome, gold), mean("IoU of time", shared)]

    @classmethod
    def region(cls, given: Any) -> Region:
        match given:
            case [start, end]:
                kind = ""
            case [start, end, str(kind)]:
                pass
            case _:
                raise cls.no_region(given, "stretch of time")
        if not (is_number(start) and is_number(end) and start < end):
            raise cls.no_region(given, "stretch of time")
        return Region((float(start), float(end)), kind)

    @staticmethod
    def written(bounds: Sequence[float]) -> Sequence[float]:
        return bounds
