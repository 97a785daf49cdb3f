"""Texts: transcriptions and the like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from apps.aggregation import rover
from apps.aggregation.agreement import alpha_by_distance, pairwise
from apps.aggregation.edits import distance, likeness
from apps.aggregation.em import Progress
from apps.aggregation.steps import part
from apps.aggregation.words import bare, join, split
from apps.console.judgments.columns import tidy
from apps.console.judgments.figures import Figure, over
from apps.console.judgments.files import Gold

from .base import Family, Outcome, amount

Keys = tuple[str, ...]


class Text(Family):
    name = "text"
    labels = "a text"
    methods = ("rover",)
    default = "rover"
    may_be_empty = True
    remarks = ("errors leave case and punctuation aside; a character of Han, kana, Thai and their like is a word",)

    def prepare(self) -> None:
        self.answers = self.answered(str)

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        found = rover.fit(self.answers, progress=progress)
        texts, lines_lost = self._as_written([text or "" for text in found.text])
        chosen = int((~np.asarray(found.voted, dtype=bool)).sum())
        notes = [f"{amount(chosen, 'text')} taken whole, as words could not be voted on"] if chosen else []
        if lines_lost:
            notes.append(f"{amount(lines_lost, 'text')} put together from answers of several lines, all in one line")
        return self.outcome(texts, texts, found.confidence, method, notes)

    def _as_written(self, texts: Sequence[str]) -> tuple[list[str], int]:
        """Return each text as those who gave it wrote it, white space and lines as most have them.

        And how many are put together, so that nobody wrote them, though answers have several lines.
        """
        written, lines_lost = [], 0
        for text, (_, given) in zip(texts, self.answers.by_task(), strict=True):
            ways = Counter(way for way in given if join(split(way)) == text)
            written.append(min(ways, key=lambda way: (-ways[way], way)) if ways else text)
            lines_lost += not ways and any("\n" in way for way in given)
        return written, lines_lost

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        spoken = self.answered(words)
        return [
            *self.glance(part(progress, 0, 2)),
            Figure.of(
                "alpha, by edit distance",
                alpha_by_distance(spoken, lambda x, y: 1 - likeness(x, y), progress=part(progress, 1, 2)),
            ),
        ]

    def same(self, label: str) -> Hashable:
        return tidy(join(split(label)))

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        return [Figure.of("pairwise word error rate", pairwise(self.answered(words), error_rate, progress=progress))]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truths = [words(gold.label.names[int(code)].as_py()) for code in gold.label.code]
        found = [words(outcome.answers[task]) for task in gold.task]
        edits = [distance(truth, text) for truth, text in zip(truths, found, strict=True)]
        letters = [(" ".join(truth), " ".join(text)) for truth, text in zip(truths, found, strict=True)]
        return [
            over("word error rate", edits, [len(truth) for truth in truths]),
            over("character error rate", [distance(*both) for both in letters], [len(truth) for truth, _ in letters]),
        ]


def words(text: str) -> Keys:
    """Return the words of a text, case and punctuation aside; characters that no spaces part are words."""
    return tuple(word.key for word in split(text) if bare(word.surface))


def error_rate(first: Keys, second: Keys) -> float:
    """Return the word edits between two texts over the mean of their words: WER where neither is the truth."""
    size = (len(first) + len(second)) / 2
    return distance(first, second) / size if size else 0.0
