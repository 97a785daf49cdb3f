"""Masks of pictures, as uncompressed run lengths in COCO's way: column by column, the first run is background."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from apps.aggregation import masks
from apps.aggregation.agreement import pairwise
from apps.aggregation.em import Progress
from apps.aggregation.geometry import Mask, mask_iou
from apps.aggregation.steps import part
from apps.console.judgments.figures import Figure, mean
from apps.console.judgments.files import Gold

from .base import Family, Outcome, parsed, read_json, short

SHOULD = '{"size": [height, width], "counts": [runs of 0 and 1 in turn, column by column]}'
MOST_PIXELS = 100_000_000  # of a picture: a byte is held for each of them


class Masks(Family):
    name = "masks"
    labels = 'a mask as {"size": [height, width], "counts": [runs]}'
    methods = ("pixels",)
    default = "pixels"
    label_type = pa.json_()

    def prepare(self) -> None:
        asked = self.judgments
        told = parsed(asked.label, read, asked.bad)
        shapes: dict[int, tuple[int, ...]] = {}
        for row, (task, code) in enumerate(zip(asked.task.code.tolist(), asked.label.code.tolist(), strict=True)):
            shape = shapes.setdefault(task, told[code].shape)
            if told[code].shape != shape:
                raise asked.bad(row, f"the mask's size is {told[code].shape}, others of this task have {shape}")
        self.answers = self.of([told[code] for code in asked.label.code])

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = masks.fit(self.answers, progress=progress)
        every = [mask for mask in found.mask if mask is not None]  # each task has an answer here
        return self.outcome([write(mask) for mask in every], every, found.confidence, method)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            Figure.of("pairwise IoU", pairwise(self.answers, mask_iou, bounds=(0, 1), progress=part(progress, 0, 2))),
            Figure.of(
                "pairwise Dice",
                pairwise(self.answers, lambda x, y: dice(mask_iou(x, y)), bounds=(0, 1), progress=part(progress, 1, 2)),
            ),
        ]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        alike = []
        for row, (code, task) in enumerate(zip(gold.label.code, gold.task, strict=True)):
            truth, found = truths[code], outcome.answers[task]
            if truth.shape != found.shape:
                raise gold.bad(row, f"the mask's size is {truth.shape}, the judged ones have {found.shape}")
            alike.append(mask_iou(truth, found))
        return [mean("mean IoU", alike, bounds=(0, 1)), mean("mean Dice", [dice(one) for one in alike], bounds=(0, 1))]


def dice(iou: float) -> float:
    return 2 * iou / (1 + iou)


def read(text: str) -> Mask:
    match read_json(text, SHOULD):
        case {"size": [int(height), int(width)]} if height * width > MOST_PIXELS:
            raise ValueError(f"a mask of {height} x {width} pixels is too large; it may have {MOST_PIXELS:,}")
        case {"size": [int(height), int(width)], "counts": [*runs]} if height > 0 < width:
            pass
        case {"counts": str()}:
            raise ValueError(f"label {short(text)} is a compressed mask; it should be {SHOULD}")
        case _:
            raise ValueError(f"label {short(text)} is no mask; it should be {SHOULD}")
    if not all(isinstance(run, int) and not isinstance(run, bool) and run >= 0 for run in runs):
        raise ValueError(f"label {short(text)} has runs that are no whole numbers; it should be {SHOULD}")
    if sum(runs) != height * width:
        raise ValueError(f"the runs of label {short(text)} add up to {sum(runs)}, not to {height} x {width}")
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    mask: Mask = flat.reshape(width, height).T
    return mask


def write(mask: Mask) -> str:
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    counts = [0, *runs] if flat[0] else runs
    return json.dumps({"size": list(mask.shape), "counts": counts}, separators=(",", ":"))
