"""Stretches of a time line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from apps.aggregation import timeline
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.em import Progress
from apps.aggregation.regions import Region
from apps.aggregation.steps import part
from apps.console.judgments.figures import Figure, mean, over
from apps.console.judgments.files import Gold

from .base import Family, Outcome, is_number, parsed, read_json, short

SHOULD = 'a list of [start, end] or [start, end, "type"], start before end'
Found = Sequence[Region]


class Intervals(Family):
    name = "intervals"
    labels = "stretches of time as [[start, end], ...]"
    methods = ("cluster",)
    default = "cluster"
    label_type = pa.json_()

    def prepare(self) -> None:
        self.answers = self.answered(read)

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = timeline.fit(self.answers, progress=progress)
        none = np.array([np.mean([not one for one in given]) for _, given in self.answers.by_task()])
        sure = [
            float(np.mean(marked)) if marked else empty for marked, empty in zip(found.confidence, none, strict=True)
        ]
        return self.outcome([write(one) for one in found.regions], found.regions, np.array(sure), method)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            *self.glance(part(progress, 0, 2)),
            Figure.of(
                "alpha, by 1 - IoU of time",
                alpha_by_distance(self.answers, lambda x, y: 1 - timeline.iou(x, y), progress=part(progress, 1, 2)),
            ),
        ]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        found = pairwise(self.answers, timeline.f1, bounds=(0, 1), progress=part(progress, 0, 2))
        shared = pairwise(self.answers, timeline.iou, bounds=(0, 1), progress=part(progress, 1, 2))
        return [Figure.of("pairwise F1 at IoU .5", found), Figure.of("pairwise IoU of time", shared)]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        pairs = [(truths[code], outcome.answers[task]) for code, task in zip(gold.label.code, gold.task, strict=True)]
        size = [len(truth) + len(found) for truth, found in pairs]
        hits = [timeline.f1(*both) * both_size for both, both_size in zip(pairs, size, strict=True)]
        shared = np.array([timeline.iou(*both) for both in pairs])
        return [over("F1 at IoU .5", hits, size), mean("IoU of time", shared)]


def read(text: str) -> Found:
    given = read_json(text, SHOULD)
    if not isinstance(given, list):
        raise ValueError(f"label {short(text)} is no list; it should be {SHOULD}")
    return tuple(_interval(one) for one in given)


def _interval(one: Any) -> Region:
    match one:
        case [start, end]:
            kind = ""
        case [start, end, str(kind)]:
            pass
        case _:
            raise _no_interval(one)
    if not (is_number(start) and is_number(end) and start < end):
        raise _no_interval(one)
    return Region((float(start), float(end)), kind)


def _no_interval(one: Any) -> ValueError:
    return ValueError(f"{short(json.dumps(one))} is no stretch of time; the label should be {SHOULD}")


def write(found: Found) -> str:
    stretches = []
    for ends, kind in found:
        rounded = [float(f"{end:.10g}") for end in ends]
        stretches.append([*rounded, kind] if kind else rounded)
    return json.dumps(stretches)
