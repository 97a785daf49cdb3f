"""Reads real crowds: one folder a set with judgments.csv, gold.csv and META.json; LABELCROWD_CROWD_DATA names where.

Where it is not set, benches take shared/data/crowd beside the checkout if it is there. Tests do not: what they check
would change with what happens to lie there.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from apps.aggregation import Table, names
from apps.aggregation.answers import Answers

csv.field_size_limit(1 << 30)


NAME = "LABELCROWD_CROWD_DATA"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "crowd"


def look() -> Path | None:
    """Return the folder of real crowds, from now on the one beside the checkout where none is named."""
    if NAME not in os.environ and BESIDE.is_dir():
        os.environ[NAME] = str(BESIDE)
    return folder()


def folder() -> Path | None:
    named = os.environ.get(NAME)
    return Path(named) if named and Path(named).is_dir() else None


def sets(kind: str) -> list[str]:
    here = folder()
    return sorted(
        meta.parent.name
        for meta in (here.glob("*/META.json") if here else ())
        if json.loads(meta.read_text())["kind"] == kind
    )


def rows(name: str, file: str = "judgments.csv") -> list[dict[str, str]]:
    here = folder()
    if here is None:
        raise SystemExit("LABELCROWD_CROWD_DATA must name the folder of real crowds")
    with (here / name / file).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def first_answers(name: str) -> list[dict[str, str]]:
    """Return the judgments without a worker's second answer to the same task."""
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(name):
        kept.setdefault((row["task"], row["worker"]), row)
    return list(kept.values())


@dataclass(frozen=True)
class Crowd:
    """Answers that are no labels, with the gold answer of each task, None where there is none."""

    answers: Answers[Any]
    gold: Sequence[Any]
    tasks: Sequence[str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.answers, name)


def crowd(name: str, read: Callable[[str], Any]) -> Crowd:
    """Return the answers to tasks, each read from its text."""
    given = first_answers(name)
    gold = {row["task"]: read(row["label"]) for row in rows(name, "gold.csv")}
    task, tasks = names.factorise([row["task"] for row in given])
    worker, workers = names.factorise([row["worker"] for row in given])
    answers = Answers(task, worker, [read(row["label"]) for row in given], len(tasks), len(workers))
    return Crowd(answers, [gold.get(task) for task in tasks], tasks)


def categorical(name: str):
    """Return a table and the gold label of each task, -1 where there is none."""
    answers = first_answers(name)
    gold = {row["task"]: row["label"] for row in rows(name, "gold.csv")}
    tasks, task = np.unique([row["task"] for row in answers], return_inverse=True)
    workers, worker = np.unique([row["worker"] for row in answers], return_inverse=True)
    labels, label = np.unique([row["label"] for row in answers], return_inverse=True)
    code = {name: code for code, name in enumerate(labels)}
    truth = np.array([code.get(gold[task], -2) if task in gold else -1 for task in tasks])
    return Table(task, worker, label, len(tasks), len(workers), len(labels)), truth
