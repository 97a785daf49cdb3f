"""Judgments, gold answers and lengths of documents, read from CSV, TSV, JSON Lines or Parquet by the file's name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from apps.aggregation.arrays import Ints

from . import csv_files, jsonl_files, parquet_files
from .columns import BadFile, Column, Rows, check, tidied, tidy
from .repeats import one_of_each

FORMATS: Mapping[str, ModuleType] = {
    ".csv": csv_files,
    ".tsv": csv_files,
    ".jsonl": jsonl_files,
    ".ndjson": jsonl_files,
    ".parquet": parquet_files,
}
WHO = ("task", "worker")
SIDES = ("left", "right")
MOST_TOKENS = 1_000_000  # of a document: a posterior is held for each of them


@dataclass(frozen=True, eq=False)
class Judgments:
    """One answer of a worker to a task (and pair, where there are sides) each, in the order of the file.

    Args:
        row: (judgments,) the row of the file that each comes from, counted from 0.
        repeats: how many more answers of a worker to the same task were left out.
    """

    rows: Rows
    row: Ints
    task: Column
    worker: Column
    label: Column
    sides: tuple[Column, ...]
    repeats: int

    def __len__(self) -> int:
        return len(self.row)

    def bad(self, judgment: int, sentence: str) -> BadFile:
        """Return the error that this judgment has this fault."""
        return self.rows.bad(int(self.row[judgment]), sentence)

    def refuse_empty(self) -> None:
        """Raise BadFile for the first label that is empty."""
        check(self.rows)


@dataclass(frozen=True, eq=False)
class Gold:
    """The right answers to some of the judged tasks.

    Args:
        task: (answers,) the code of each task among the judgments.
        label: their answers.
        unjudged: how many more answers there are, to tasks without a judgment.
    """

    rows: Rows
    row: Ints
    task: Ints
    label: Column
    sides: tuple[Column, ...]
    unjudged: int

    def bad(self, answer: int, sentence: str) -> BadFile:
        """Return the error that this answer has this fault."""
        return self.rows.bad(int(self.row[answer]), sentence)


def read_judgments(path: Path, *, may_be_empty: bool = False, in_pairs: bool = True) -> Judgments:
    """Return a file's judgments, of a worker's answers to one task (and left and right, where there are) one.

    Args:
        may_be_empty: whether a label may be.
        in_pairs: whether columns left and right, where there are, say what was compared.

    Raises:
        BadFile: with a sentence and the line.
    """
    sides = SIDES if in_pairs and set(SIDES) <= set(headings(path)) else ()
    rows = check(_read(path, (*WHO, *sides, "label")), may_be_empty)
    if not len(rows):
        raise BadFile(f"{path.name}: there are no judgments in it")
    _refuse_a_second_heading(rows)
    given = [rows.columns[name] for name in (*WHO, *sides, "label")]
    kept = one_of_each(
        _key(rows, (*WHO, *sides)),
        rows.columns["label"].code,
        lambda row: tuple(column.names[int(column.code[row])].as_py() for column in given),
    )
    task, worker, label, *pair = (rows.columns[name].taken(kept) for name in (*WHO, "label", *sides))
    return Judgments(rows, kept, task, worker, label, tuple(pair), len(rows) - len(kept))


def read_gold(
    path: Path, judgments: Judgments, *, may_be_empty: bool = False, same: Callable[[str], Hashable] = tidy
) -> Gold:
    """Return the right answers to judged tasks.

    Args:
        same: what two labels have in common when they are one answer.

    Raises:
        BadFile: with a sentence and the line; also when one task has two different answers, or none is judged.
    """
    sides = SIDES if judgments.sides and set(SIDES) <= set(headings(path)) else ()
    rows = check(_read(path, ("task", *sides, "label")), may_be_empty)
    if not len(rows):
        raise BadFile(f"{path.name}: there are no gold answers in it")
    kept = _first_of_each(rows, ("task", *sides))
    _refuse_contradictions(rows, ("task", *sides), same)
    task = judgments.task.places(rows.columns["task"].names)[rows.columns["task"].code[kept]]
    judged = np.flatnonzero(task >= 0)
    if not len(judged):
        raise BadFile(f"{path.name}: none of its {len(kept):,} tasks is judged in {judgments.rows.path.name}")
    row = kept[judged]
    label, *pair = (rows.columns[name].taken(row) for name in ("label", *sides))
    return Gold(rows, row, task[judged], label, tuple(pair), len(kept) - len(judged))


def read_known(path: Path) -> tuple[Column, Column]:
    """Return tasks, each once, and their right answers, whether they are judged or not.

    Raises:
        BadFile: as of `read_gold`.
    """
    rows = check(_read(path, ("task", "label")))
    if not len(rows):
        raise BadFile(f"{path.name}: there are no gold answers in it")
    _refuse_contradictions(rows, ("task",), tidy)
    kept = _first_of_each(rows, ("task",))
    return rows.columns["task"].taken(kept), rows.columns["label"].taken(kept)


def labels_of(path: Path) -> list[str]:
    """Return the distinct labels of a file."""
    names: list[str] = _read(path, ("label",)).columns["label"].names.to_pylist()
    return names


def read_lengths(path: Path, judgments: Judgments) -> Ints:
    """Return the number of tokens of each task's document, from columns task and n_tokens.

    Raises:
        BadFile: with a sentence and the line; also when a task's document is missing.
    """
    rows = check(_read(path, ("task", "n_tokens")))
    given = rows.columns["n_tokens"]
    number = np.zeros(len(given.names), dtype=np.int64)
    for code, text in enumerate(given.names.to_pylist()):
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise rows.bad(int((given.code == code).argmax()), f"n_tokens is {text!r}, it should be a whole number")
        number[code] = int(text)
        if number[code] > MOST_TOKENS:
            told = f"n_tokens is {int(text):,}, a document has at most {MOST_TOKENS:,}"
            raise rows.bad(int((given.code == code).argmax()), told)
    lengths = np.full(len(judgments.task.names), -1, dtype=np.int64)
    task = judgments.task.places(rows.columns["task"].names)[rows.columns["task"].code]
    lengths[task[task >= 0]] = number[given.code[task >= 0]]
    if (lengths < 0).any():
        raise BadFile(f"{path.name}: there is no task {judgments.task.names[int((lengths < 0).argmax())].as_py()!r}")
    return lengths


def headings(path: Path) -> list[str]:
    """Return the names of a file's columns."""
    found: list[str] = _format(path).headings(path)
    return found


def _read(path: Path, wanted: tuple[str, ...]) -> Rows:
    """Return the wanted columns, names as they are meant; labels are as written, but where they are names of items."""
    rows: Rows = _format(path).read(path, wanted)
    names = [name for name in wanted if name != "label" or set(SIDES) <= set(wanted)]
    return replace(rows, columns={**rows.columns, **{name: tidied(rows.columns[name]) for name in names}})


def _format(path: Path) -> ModuleType:
    if path.suffix.lower() not in FORMATS:
        raise BadFile(f"{path.name} should end with one of {', '.join(FORMATS)}, which says how to read it")
    if not path.is_file():
        raise BadFile(f"there is no file {str(path)!r}")
    return FORMATS[path.suffix.lower()]


def _refuse_a_second_heading(rows: Rows) -> None:
    """Raise BadFile for a row that names the columns: two files were put together."""
    named = np.ones(len(rows), dtype=bool)
    for name, column in rows.columns.items():
        named &= column.code == column.names.index(name).as_py()  # -1 where no row has it
    if named.any():
        raise rows.bad(int(named.argmax()), f"this is the heading again ({', '.join(rows.columns)}): leave it out")


def _first_of_each(rows: Rows, names: tuple[str, ...]) -> Ints:
    """Return the first row of each combination of values, in the order of the file."""
    first: Ints = np.unique(_key(rows, names), return_index=True)[1]
    first.sort()
    return first


def _key(rows: Rows, names: tuple[str, ...]) -> Ints:
    key = np.zeros(len(rows), dtype=np.int64)
    bound = 1
    for name in names:
        found = rows.columns[name]
        if bound * len(found.names) > 2**62:
            key = np.unique(key, return_inverse=True)[1]
            bound = len(rows)
        key = key * len(found.names) + found.code
        bound *= len(found.names)
    return key


def _refuse_contradictions(rows: Rows, names: tuple[str, ...], same: Callable[[str], Hashable]) -> None:
    key, given = _key(rows, names), rows.columns["label"]
    if len(np.unique(key)) == len(key):
        return
    meanings: dict[Hashable, int] = {}
    label = np.array([meanings.setdefault(same(name), code) for code, name in enumerate(given.names.to_pylist())])
    label = label[given.code]
    order = np.argsort(key, kind="stable")
    differ = np.flatnonzero((key[order][1:] == key[order][:-1]) & (label[order][1:] != label[order][:-1]))
    if len(differ):
        row = int(order[differ + 1].min())
        column = rows.columns["task"]
        raise rows.bad(row, f"task {column.names[int(column.code[row])].as_py()!r} has another answer above")
