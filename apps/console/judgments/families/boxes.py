"""Boxes in a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from apps.aggregation import boxes
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.em import Progress
from apps.aggregation.regions import Region
from apps.aggregation.steps import part
from apps.console.judgments.figures import Figure, over
from apps.console.judgments.files import Gold

from .base import Family, Outcome, is_number, parsed, read_json, short

SHOULD = 'a list of [left, top, width, height] or [left, top, width, height, "type"]'
Found = Sequence[Region]


class Boxes(Family):
    name = "boxes"
    labels = "boxes as [[left, top, width, height], ...]"
    methods = ("cluster",)
    default = "cluster"
    label_type = pa.json_()

    def prepare(self) -> None:
        self.answers = self.answered(read)

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = boxes.fit(self.answers, progress=progress)
        none = np.array([np.mean([not one for one in given]) for _, given in self.answers.by_task()])
        sure = [
            float(np.mean(marked)) if marked else empty for marked, empty in zip(found.confidence, none, strict=True)
        ]
        return self.outcome([write(one) for one in found.regions], found.regions, np.array(sure), method)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            *self.glance(part(progress, 0, 2)),
            Figure.of(
                "alpha, by 1 - F1",
                alpha_by_distance(self.answers, lambda x, y: 1 - boxes.f1(x, y), progress=part(progress, 1, 2)),
            ),
        ]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [Figure.of("pairwise F1 at IoU .5", pairwise(self.answers, boxes.f1, bounds=(0, 1), progress=progress))]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        pairs = [(truths[code], outcome.answers[task]) for code, task in zip(gold.label.code, gold.task, strict=True)]
        size = [len(truth) + len(found) for truth, found in pairs]
        hits = [boxes.f1(*both) * both_size for both, both_size in zip(pairs, size, strict=True)]
        return [over("F1 at IoU .5", hits, size)]


def read(text: str) -> Found:
    given = read_json(text, SHOULD)
    if not isinstance(given, list):
        raise ValueError(f"label {short(text)} is no list; it should be {SHOULD}")
    return tuple(_box(box) for box in given)


def _box(box: Any) -> Region:
    match box:
        case [left, top, width, height]:
            kind = ""
        case [left, top, width, height, str(kind)]:
            pass
        case _:
            raise _no_box(box)
    if not (all(map(is_number, box[:4])) and width >= 0 and height >= 0):
        raise _no_box(box)
    return Region((float(left), float(top), float(left + width), float(top + height)), kind)


def _no_box(box: Any) -> ValueError:
    return ValueError(f"{short(json.dumps(box))} is no box; the label should be {SHOULD}")


def write(found: Found) -> str:
    boxes = []
    for (left, top, right, bottom), kind in found:
        corner = [float(f"{number:.10g}") for number in (left, top, right - left, bottom - top)]
        boxes.append([*corner, kind] if kind else corner)
    return json.dumps(boxes)
