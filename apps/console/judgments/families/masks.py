"""Masks of pictures, as uncompressed run lengths in COCO's way: column by column, the first run is background."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from apps.aggregation import masks
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.arrays import Floats, Ints
from apps.aggregation.em import Progress
from apps.aggregation.geometry import Mask
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
        shapes: dict[int, tuple[int, int]] = {}
        for row, (task, code) in enumerate(zip(asked.task.code.tolist(), asked.label.code.tolist(), strict=True)):
            shape = shapes.setdefault(task, told[code].size)
            if told[code].size != shape:
                raise asked.bad(row, f"the mask's size is {told[code].size}, others of this task have {shape}")
        self.answers = self.of([told[code] for code in asked.label.code])

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = masks.fit(self.answers, read=Runs.mask, keep=write, progress=progress)
        every = [mask for mask in found.mask if mask is not None]  # each task has an answer here
        return self.outcome(every, every, found.confidence, method)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        beyond = alpha_by_distance(self.answers, apart, progress=part(progress, 1, 2))
        return [*self.glance(part(progress, 0, 2)), Figure.of("alpha, by 1 - IoU", beyond)]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [
            Figure.of("pairwise IoU", pairwise(self.answers, iou, bounds=(0, 1), progress=part(progress, 0, 2))),
            Figure.of(
                "pairwise Dice",
                pairwise(self.answers, lambda x, y: dice(iou(x, y)), bounds=(0, 1), progress=part(progress, 1, 2)),
            ),
        ]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        alike = []
        for row, (code, task) in enumerate(zip(gold.label.code, gold.task, strict=True)):
            truth, found = truths[code], read(outcome.answers[task])
            if truth.size != found.size:
                raise gold.bad(row, f"the mask's size is {truth.size}, the judged ones have {found.size}")
            alike.append(iou(truth, found))
        return [mean("mean IoU", alike, bounds=(0, 1)), mean("mean Dice", [dice(one) for one in alike], bounds=(0, 1))]


def dice(iou: float) -> float:
    return 2 * iou / (1 + iou)


@dataclass(frozen=True, eq=False)
class Runs:
    """A mask as it is held: its pixels are made when it is combined with others.

    Args:
        size: height and width.
        lengths: of runs of 0 and 1 in turn, column by column.
    """

    size: tuple[int, int]
    lengths: Ints

    def mask(self) -> Mask:
        """Return the pixels: (height, width)."""
        flat = np.repeat(np.arange(len(self.lengths)) % 2 == 1, self.lengths)
        mask: Mask = flat.reshape(self.size[::-1]).T
        return mask

    @cached_property
    def ends(self) -> tuple[Floats, Floats]:
        """Where runs end, from 0 on, and how many pixels are set before."""
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        marked = np.where(np.arange(len(self.lengths)) % 2 == 1, self.lengths, 0)
        return ends.astype(np.float64), np.concatenate([[0], np.cumsum(marked)]).astype(np.float64)


def iou(one: Runs, other: Runs) -> float:
    """Return the intersection over union of two masks of one size, 1 where both are empty: by runs, not by pixels.

    How many pixels are set before a place is a line that bends where runs end; of the other's set runs it says how many
    pixels both have.
    """
    (at, before), (ends, set_before) = one.ends, other.ends
    both = float(np.diff(np.interp(ends, at, before))[1::2].sum())
    either = float(before[-1] + set_before[-1]) - both
    return both / either if either else 1.0


def apart(one: Runs, other: Runs) -> float:
    """Return 1 - IoU; masks of pictures of different sizes have nothing in common."""
    return 1 - iou(one, other) if one.size == other.size else 1.0


def read(text: str) -> Runs:
    match read_json(text, SHOULD):
        case {"size": [int(height), int(width)]} if height * width > MOST_PIXELS:
            raise ValueError(f"a mask of {height} x {width} pixels is too large; it may have {MOST_PIXELS:,}")
        case {"size": [int(height), int(width)], "counts": [*runs]} if height > 0 < width and bool not in (
            type(height),
            type(width),
        ):
            pass
        case {"counts": str()}:
            raise ValueError(f"label {short(text)} is a compressed mask; it should be {SHOULD}")
        case _:
            raise ValueError(f"label {short(text)} is no mask; it should be {SHOULD}")
    if not all(isinstance(run, int) and not isinstance(run, bool) and run >= 0 for run in runs):
        raise ValueError(f"label {short(text)} has runs that are no whole numbers; it should be {SHOULD}")
    if sum(runs) != height * width:
        raise ValueError(f"the runs of label {short(text)} add up to {sum(runs)}, not to {height} x {width}")
    return Runs((height, width), np.array(runs, dtype=np.int64))


def write(mask: Mask) -> str:
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    counts = [0, *runs] if flat[0] else runs
    return json.dumps({"size": list(mask.shape), "counts": counts}, separators=(",", ":"))
