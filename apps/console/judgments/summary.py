"""What a person reads after an aggregation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from . import repeats
from .columns import BadFile, Column
from .families import Family, Outcome
from .families.base import amount
from .families.categorical import Classes, rightness
from .figures import Figure
from .files import Gold

WIDTH = 26
FIRST = 5
LONGEST = 60


def line(name: str, text: object) -> str:
    return f"  {name:<{WIDTH}}{text}"


def of_judgments(family: Family) -> Iterable[str]:
    """Yield what was read."""
    asked = family.judgments
    votes = np.bincount(asked.task.code)
    spread = f"{votes.min():,} to {votes.max():,}" if votes.min() < votes.max() else "each"
    yield line("tasks", f"{len(asked.task.names):,}")
    yield line("workers", f"{len(asked.worker.names):,}")
    yield line("judgments", f"{len(asked):,}")
    yield line("judgments per task", f"{votes.mean():.1f}, {spread}")
    if asked.repeats:
        yield line("left out", f"{asked.repeats:,}: {repeats.RULE}")


def of_spread(found: Any) -> Iterable[str]:
    """Yield what an engine read and did."""
    yield line("tasks", f"{len(found.columns['task']):,}")
    yield line("workers", f"{found.n_workers:,}")
    yield line("labels", f"{found.n_labels:,}")
    yield line("judgments", f"{found.judgments:,}")
    if found.repeats:
        yield line("left out", f"{found.repeats:,}: {repeats.RULE}")
    ended = "converged" if found.converged else "not converged"
    yield line("method", f"dawid_skene, {ended} after {found.iterations} iterations")


def of_figures(figures: Iterable[Figure], note: str = "") -> Iterable[str]:
    """Yield a line for each figure."""
    for figure in figures:
        yield line(figure.name, f"{figure}{note}")


def of_outcome(outcome: Outcome) -> Iterable[str]:
    """Yield how it was combined."""
    yield line("method", outcome.method)
    known = outcome.confidence[~np.isnan(outcome.confidence)]
    yield line("mean confidence", f"{known.mean():.3f}, not calibrated" if len(known) else "unknown")
    yield from of_notes(outcome.notes)


def of_gold(gold: Gold, figures: Iterable[Figure], doubts: Iterable[str]) -> Iterable[str]:
    """Yield how near to gold the outcome is."""
    yield line(
        "gold", f"{amount(len(gold.task), 'judged task')}" + (f", {gold.unjudged:,} not judged" * bool(gold.unjudged))
    )
    yield from of_figures(figures)
    yield from of_notes(doubts)


def of_known(tasks: int) -> str:
    """Return how many tasks' labels the method was told."""
    return line("gold", f"{amount(tasks, 'judged task')}, told to the method: it measures nothing")


def of_known_answers(columns: Mapping[str, Any], task: Column, label: Column) -> Iterable[str]:
    """Yield how near to known answers the labels are that an engine found.

    Args: columns: `task` and `label` as found. task, label: of each known answer.
    """
    at = Column(np.arange(len(columns["task"])), columns["task"]).places(task.names)[task.code]
    judged = at >= 0
    if not judged.any():
        raise BadFile(f"none of the {len(at):,} tasks of --gold is judged in these files")
    said = columns["label"].take(pa.array(at[judged])).to_pylist()
    true = label.names.take(pa.array(label.code[judged])).to_pylist()
    place = Classes.of([*said, *true]).place
    yield line("gold", f"{amount(len(said), 'judged task')}" + f", {(~judged).sum():,} not judged" * (not judged.all()))
    yield from of_figures(rightness(place[len(said) :], place[: len(said)], int(place.max()) + 1))


def of_notes(notes: Iterable[str]) -> Iterable[str]:
    """Yield what a reader should know."""
    for note in notes:
        yield line("note", note)


def first_labels(outcome: Outcome) -> Iterable[str]:
    """Yield the first rows of what would be written, long labels cut."""
    shown = io.StringIO()
    writer = csv.writer(shown, lineterminator="\n")
    writer.writerow(outcome.columns)
    columns = [column[:FIRST] for column in outcome.columns.values()]
    writer.writerows(zip(*([_cell(value) for value in column] for column in columns), strict=True))
    yield from shown.getvalue().splitlines()
    rest = len(outcome.confidence) - FIRST
    if rest > 0:
        yield f"... and {rest:,} more; --out labels.csv writes them all"


def _cell(value: Any) -> str:
    known = value.as_py() if hasattr(value, "as_py") else value
    text = "" if known is None else f"{known:.6g}" if isinstance(known, float) else str(known)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def table(figures: Iterable[Figure]) -> Iterable[str]:
    """Yield figures as a table with a column for the interval, and why one has none."""
    figures = list(figures)
    yield f"  {'coefficient':<28}{'value':>9}   {'95 % interval':<18}{'tasks':>9}"
    for figure in figures:
        if np.isnan(figure.value):
            yield f"  {figure.name:<28}{'-':>9}   {'not determined':<18}{figure.tasks:>9,}"
            continue
        interval = (
            "not determined" if np.isnan(figure.low) else f"{figure.shown(figure.low)} to {figure.shown(figure.high)}"
        )
        unit = " %" if figure.share else ""
        value, interval = figure.shown(figure.value) + unit, interval + unit * (not np.isnan(figure.low))
        yield f"  {figure.name:<28}{value:>9}   {interval:<18}{figure.tasks:>9,}"
    without = [figure for figure in figures if np.isnan(figure.value)]
    if without and not figures[0].tasks:
        yield line("note", "no task has answers of two workers: nothing tells how far they agree")
    elif without:
        yield line("note", "- is a coefficient that these answers don't determine: no spread, or too few tasks")
