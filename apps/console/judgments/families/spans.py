"""Labelled spans of tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from apps.aggregation import spans
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.em import Progress
from apps.aggregation.methods import METHODS
from apps.aggregation.spans import Span, f1
from apps.aggregation.steps import part, telling
from apps.console.judgments.figures import Figure, over
from apps.console.judgments.files import MOST_TOKENS, Gold

from .base import Family, Outcome, parsed, read_json, short

SHOULD = "a list of [start, end, type], tokens counted from 0, the end not included"
Found = Sequence[Span]


class Spans(Family):
    name = "spans"
    labels = 'spans as [[start, end, "type"], ...]'
    methods = ("dawid_skene", *(name for name in METHODS if name not in ("dawid_skene", "glad", "mace")))
    default = "dawid_skene"
    label_type = pa.json_()

    def prepare(self) -> None:
        asked = self.judgments
        told = parsed(asked.label, read, asked.bad)
        self.answers = self.of([told[code] for code in asked.label.code])
        last = np.array([max((span.end for span in one), default=0) for one in told])[asked.label.code]
        lengths = self.lengths
        if lengths is None:
            lengths = np.zeros(len(asked.task.names), dtype=np.int64)
            np.maximum.at(lengths, asked.task.code, last)
        self.tokens = lengths
        beyond = np.flatnonzero(last > lengths[asked.task.code])
        if len(beyond):
            row = int(beyond[0])
            tokens = int(lengths[asked.task.code[row]])
            raise asked.bad(row, f"a span ends at token {last[row]}, but the document has {tokens}")

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = spans.fit(self.answers, self.tokens, method=telling(METHODS[method], progress))
        # All tokens' posteriors flatter: most tokens are outside, and nobody doubts it.
        sure = [
            float(np.mean(marked)) if marked else whole
            for marked, whole in zip(found.confidence, found.document, strict=True)
        ]
        return self.outcome(
            [json.dumps(one, ensure_ascii=False) for one in found.spans], found.spans, np.array(sure), method
        )

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        tokens = self.answered(lambda text: marked(read(text)))
        return [
            *self.glance(part(progress, 0, 3)),
            Figure.of("pairwise token F1", pairwise(tokens, overlap, bounds=(0, 1), progress=part(progress, 1, 3))),
            Figure.of(
                "alpha, by 1 - token F1",
                alpha_by_distance(tokens, lambda x, y: 1 - overlap(x, y), progress=part(progress, 2, 3)),
            ),
        ]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [Figure.of("pairwise span F1", pairwise(self.answers, f1, bounds=(0, 1), progress=progress))]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = parsed(gold.label, read, gold.bad)
        pairs = [(truths[code], outcome.answers[task]) for code, task in zip(gold.label.code, gold.task, strict=True)]
        tokens = [(marked(truth), marked(found)) for truth, found in pairs]
        return [
            over(
                "span F1",
                [2 * len(set(truth) & set(found)) for truth, found in pairs],
                [len(set(truth)) + len(set(found)) for truth, found in pairs],
            ),
            over(
                "token F1",
                [2 * len(truth & found) for truth, found in tokens],
                [len(truth) + len(found) for truth, found in tokens],
            ),
        ]


def read(text: str) -> Found:
    given = read_json(text, SHOULD)
    if not isinstance(given, list):
        raise ValueError(f"label {short(text)} is no list; it should be {SHOULD}")
    found = []
    for span in given:
        match span:
            case [int(), int(end), str()] if end > MOST_TOKENS:
                raise ValueError(f"a span ends at token {end:,}; a document has at most {MOST_TOKENS:,}")
            case [int(start), int(end), str(kind)] if 0 <= start < end and bool not in (type(start), type(end)):
                found.append(Span(start, end, kind))
            case _:
                raise ValueError(
                    f"{short(json.dumps(span, ensure_ascii=False))} is no span; the label should be {SHOULD}"
                )
    return tuple(found)


def marked(found: Found) -> frozenset[tuple[int, str]]:
    """Return each token that is in a span, with the span's type."""
    return frozenset((token, span.type) for span in found for token in range(span.start, span.end))


def overlap(first: frozenset[tuple[int, str]], second: frozenset[tuple[int, str]]) -> float:
    """Return F1 of two sets of tokens; 1 when both are empty."""
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 1.0
