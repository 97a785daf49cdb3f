"""Several labels to an item, none included: each of them is a yes-or-no question of its own."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from apps.aggregation import multilabel
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.arrays import Flags
from apps.aggregation.audit import wilson
from apps.aggregation.em import Progress
from apps.aggregation.methods import DEFAULT, METHODS
from apps.aggregation.steps import part
from apps.console.judgments.columns import BadFile
from apps.console.judgments.figures import Figure, mean, over
from apps.console.judgments.files import Gold

from .base import Family, Outcome, parsed, read_json, short

SHOULD = 'a list of labels, as in ["cat", "dog"], [] for none'
MOST_CELLS = 200_000_000  # of judgments by labels: four bytes are held for each
Given = frozenset[str]


class Multilabel(Family):
    name = "multilabel"
    labels = SHOULD
    methods = tuple(METHODS)
    default = DEFAULT
    label_type = pa.json_()

    def prepare(self) -> None:
        asked = self.judgments
        told = parsed(asked.label, read, asked.bad)
        self.names = sorted(frozenset().union(*told))
        if not self.names:
            raise BadFile(f"{asked.rows.path.name}: nobody gave a label to any task, so there is nothing to combine")
        if len(asked) * len(self.names) > MOST_CELLS:
            raise BadFile(
                f"{asked.rows.path.name}: {len(self.names):,} labels of {len(asked):,} judgments are too many"
            )
        holds = np.array([[name in one for name in self.names] for one in told], dtype=np.int32)
        self.given = holds[asked.label.code]
        self.answers = self.of([told[code] for code in asked.label.code])

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        asked = self.judgments
        size = (len(asked.task.names), len(asked.worker.names))
        found = multilabel.fit(
            asked.task.code, asked.worker.code, self.given, *size, method=METHODS[method], progress=progress
        )
        chosen = [self._named(row) for row in found.chosen]
        labels = [json.dumps(sorted(one), ensure_ascii=False) for one in chosen]
        return self.outcome(labels, chosen, found.sure, method)

    def _named(self, chosen: Flags) -> Given:
        return frozenset(self.names[label] for label in np.flatnonzero(chosen))

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        return [
            *self.glance(part(progress, 0, 3)),
            Figure.of(
                "pairwise, all the same",
                pairwise(self.answers, lambda x, y: float(x == y), bounds=(0, 1), progress=part(progress, 1, 3)),
            ),
            Figure.of(
                "alpha, by 1 - Jaccard",
                alpha_by_distance(self.answers, lambda x, y: 1 - jaccard(x, y), progress=part(progress, 2, 3)),
            ),
        ]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [Figure.of("pairwise Jaccard", pairwise(self.answers, jaccard, bounds=(0, 1), progress=progress))]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        pairs = [(truths[code], outcome.answers[task]) for code, task in zip(gold.label.code, gold.task, strict=True)]
        share = wilson(sum(truth == found for truth, found in pairs), len(pairs))
        return [
            over("label F1", *zip(*((2 * len(x & y), len(x) + len(y)) for x, y in pairs), strict=True)),
            mean("mean Jaccard", [jaccard(*both) for both in pairs], bounds=(0, 1)),
            Figure("all labels right", share.value, share.low, share.high, len(pairs), share=True),
        ]

    def doubts(self, gold: Gold) -> list[str]:
        known = frozenset().union(*parsed(gold.label, read, gold.bad))
        unheard = sorted(known - {*self.names})
        if not unheard:
            return []
        some = ", ".join(map(short, unheard[:3]))
        return [f"labels of gold that nobody gave: {len(unheard):,}, {some}{', ...' if len(unheard) > 3 else ''}"]


def read(text: str) -> Given:
    given = read_json(text, SHOULD)
    if not (isinstance(given, list) and all(isinstance(label, str) for label in given)):
        raise ValueError(f"label {short(text)} is no list of labels; it should be {SHOULD}")
    return frozenset(given)


def jaccard(first: Given, second: Given) -> float:
    """Return the share of both answers' labels that they have in common, 1 when both are empty."""
    return len(first & second) / len(first | second) if first or second else 1.0
