"""One label of a few: classes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from apps.aggregation import Table, ordinal
from apps.aggregation.agreement import alpha, cohen, fleiss, gwet, percent
from apps.aggregation.agreement.bootstrap import CELLS, REPLICATES, coefficient
from apps.aggregation.arrays import Floats, Ints, ratio
from apps.aggregation.audit import wilson
from apps.aggregation.em import Progress
from apps.aggregation.methods import DEFAULT, METHODS, Fit
from apps.console.judgments.columns import BadFile
from apps.console.judgments.figures import Figure
from apps.console.judgments.files import Gold

from .base import Family, Outcome

SCALE: Mapping[str, Fit] = {"ordinal": ordinal.fit}
WITHOUT_CONFUSIONS = ("majority", "weighted", "glad")
MOST_CELLS = 20_000_000  # of all workers' confusion matrices; a model holds about six times as many numbers


class Categorical(Family):
    name = "categorical"
    labels = "a class, as in cat"
    methods = (*METHODS, *SCALE)
    default = DEFAULT

    def prepare(self) -> None:
        asked = self.judgments
        names = asked.label.names.to_pylist()
        self.are_numbers = as_numbers(names) is not None
        shown: dict[str | float, str] = {}
        for name in sorted(names, key=len):  # of 1 and 1.0, which are one class, the shorter is shown
            shown.setdefault(self._meaning(name), name.strip())
        self.code = {meaning: code for code, meaning in enumerate(sorted(shown))}  # so a tie goes to the lower number
        self.names = pa.array([shown[meaning] for meaning in self.code], pa.string())
        self.values = np.array(list(self.code)) if self.are_numbers else None
        self.merged = len(names) - len(self.names)
        label = np.array([self.code[self._meaning(name)] for name in names])[asked.label.code]
        size = (len(asked.task.names), len(asked.worker.names), len(self.names))
        self.table = Table(asked.task.code, asked.worker.code, label, *size)

    def _meaning(self, name: str) -> str | float:
        """Return what makes a label the same as another: its number, or the text without spaces around it."""
        try:
            return float(name) if self.are_numbers else name.strip()
        except ValueError:  # a gold label that nobody gave
            return name.strip()

    def aggregate(self, method: str, progress: Progress | None = None) -> Outcome:
        fit, notes = self._fit(method)
        if self.merged:
            notes += (f"{self.merged:,} labels are others written otherwise, such as 1.0 and 1, and count as those",)
        given: dict[str, Any] = {"progress": progress} if "progress" in inspect.signature(fit).parameters else {}
        result = fit(self.table, **given)
        told = result.diagnostics
        if not told.converged:
            notes += (f"not converged after {told.iterations} iterations",)
        labels = self.names.take(pa.array(result.label))
        return self.outcome(labels, result.label, result.confidence, told.method, notes)

    def _fit(self, method: str) -> tuple[Fit, tuple[str, ...]]:
        labels, workers = self.table.n_labels, self.table.n_workers
        if method in SCALE and self.values is None:
            raise BadFile(f"method {method} is for labels on a scale: they should be numbers")
        if method not in WITHOUT_CONFUSIONS and workers * labels**2 > MOST_CELLS:
            size = f"{labels:,} labels of {workers:,} workers make confusion matrices too large for {method}"
            if method != self.default:
                raise BadFile(f"{size}: take one of {', '.join(WITHOUT_CONFUSIONS)}, or --kind text")
            return METHODS["weighted"], (f"{size}: a weighted vote instead",)
        return {**METHODS, **SCALE}[method], ()

    def agreement(self) -> list[Figure]:
        table = self.table
        found = [
            *self.glance(),
            Figure.of("Fleiss' kappa", fleiss(table)),
            Figure.of("Gwet's AC1", gwet(table)),
        ]
        if table.n_workers == 2:
            found.append(Figure.of("Cohen's kappa", cohen(table)))
        if self.values is not None and table.n_labels > 2:
            found += [
                Figure.of("alpha, ordinal", alpha(table, "ordinal", self.values)),
                Figure.of("alpha, interval", alpha(table, "interval", self.values)),
                Figure.of("Gwet's AC2, quadratic", gwet(table, "quadratic", self.values)),
            ]
            if table.n_workers == 2:
                found.append(Figure.of("Cohen's kappa, quadratic", cohen(table, 0, 1, "quadratic", self.values)))
        return found

    def glance(self) -> list[Figure]:
        return [
            Figure.of("percent agreement", percent(self.table), share=True),
            Figure.of("Krippendorff's alpha", alpha(self.table)),
        ]

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        truth, classes = self.truth(gold)
        label = np.asarray(outcome.answers)[gold.task]
        right = int((label == truth).sum())
        share = wilson(right, len(truth))
        return [
            Figure("accuracy", share.value, share.low, share.high, len(truth), share=True),
            macro_f1(truth, label, classes),
        ]

    def truth(self, gold: Gold) -> tuple[Ints, int]:
        """Return the code of each gold label, those that nobody gave numbered after the others, and how many in all."""
        code = dict(self.code)
        place = [code.setdefault(self._meaning(name), len(code)) for name in gold.label.names.to_pylist()]
        return np.array(place, dtype=np.int64)[gold.label.code], len(code)


def macro_f1(truth: Ints, label: Ints, classes: int) -> Figure:
    """Return the mean over classes, of gold or found, of each one's F1."""
    cell, repeats = np.unique(np.asarray(truth, dtype=np.int64) * classes + label, return_counts=True)
    true, found = np.divmod(cell, classes)
    is_true, is_found = (np.eye(classes)[codes] for codes in (true, found))
    hits = is_true * (true == found)[:, None]

    def statistic(weights: Floats) -> Floats:
        size = weights @ is_true + weights @ is_found
        values: Floats = ratio((2 * ratio(weights @ hits, size, 0.0)).sum(axis=1), (size > 0).sum(axis=1))
        return values

    if classes * REPLICATES > CELLS:
        return Figure("macro-F1", float(statistic(repeats[None, :].astype(np.float64))[0]), np.nan, np.nan, len(truth))
    return Figure.of("macro-F1", coefficient(statistic, repeats))


def as_numbers(labels: list[str]) -> Floats | None:
    """Return labels as numbers, None where one is none."""
    try:
        values = np.array([float(label) for label in labels])
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None
