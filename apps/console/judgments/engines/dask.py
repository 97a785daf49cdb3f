"""On Dask: tasks are dealt out to processes once; each E-step sends them the model, and adds up what they counted.

The pass is `aggregation.em`'s own, so the labels are those of one machine; sums in another order differ by rounding.
What travels in an iteration is a model to each process and counts back: workers × labels² numbers, however many the
judgments are.
"""

from __future__ import annotations

import logging
import operator
import os
import zlib
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet
from distributed import Client, Future, KilledWorker, LocalCluster

from apps.aggregation import Table, dawid_skene, em
from apps.aggregation.arrays import Code, Floats, Ints
from apps.aggregation.em import Progress
from apps.aggregation.methods import fits
from apps.aggregation.result import decide, shares
from apps.aggregation.table import UNKNOWN
from apps.console.judgments.columns import BadFile, Column, Rows, check, column, require, tidied
from apps.console.judgments.engines import EngineFailed
from apps.console.judgments.families.base import numbers
from apps.console.judgments.families.categorical import UNHEARD, Classes
from apps.console.judgments.parquet_files import named
from apps.console.judgments.repeats import one_of_each

COLUMNS = ("task", "worker", "label")
PARTS_A_PROCESS = 2  # so that a quick process takes over from a slow one
FAN = 8  # counts added up at a time
PATIENCE = 60  # seconds that processes may take to be there
RESTART = 15  # seconds that one may take to be there again after it died
LEVEL = "DASK_LOGGING__DISTRIBUTED"  # of what a process that is started says


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the tasks, whole, with all their answers; `repeats` are left out, as on one machine."""

    tasks: Any  # their names, a string array
    table: Table
    repeats: int
    clamped: Ints  # (n_tasks,) known labels, -1 where none is


@dataclass(frozen=True)
class Crowd:
    """The names that are the same everywhere: a worker's and a label's code is its place here.

    Args:
        labels: as they are written; 1.0 and 1 are one class.
        place: (labels,) the code of the class that each of them is.
        classes: the classes' names.
        label_type: what these are as values.
        known: names of the tasks whose label is known, and the codes of their classes.
    """

    workers: Any
    labels: Any
    place: Ints
    classes: Any
    label_type: Any
    known: tuple[Any, Ints]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was found, and what it took; `columns` are in order of the tasks' names, `label_type` as a family's."""

    columns: dict[str, Any]
    label_type: Any
    n_workers: int
    n_labels: int
    judgments: int
    repeats: int  # answers left out, for one of a worker to a task counts
    iterations: int
    converged: bool
    processes: int
    known: int  # judged tasks whose label was known


def aggregate(
    path: Path,
    *,
    processes: int,
    scheduler: str | None = None,
    known: tuple[Column, Column] | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Label the tasks of a Parquet file, or of a folder of them, by Dawid-Skene.

    Args:
        known: tasks, each once, and their labels: they keep them, and teach about workers, as on one machine.
        processes: to start on this machine, unless `scheduler` is the address of a Dask cluster, whose processes must
            see the same files under the same names.

    Raises:
        BadFile: when there is no Parquet, no judgment in it, a column is missing, or a name is.
        EngineFailed: when processes are not there, or do not come through it.
    """
    pieces = list(_pieces(path))
    with _quiet(), client_of(processes, scheduler) as client:
        processes = len(client.scheduler_info(n_workers=-1)["workers"])
        return _fit(client, pieces, processes, known, progress)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask says to itself, here and in processes that it starts, from who asked for labels."""
    log, before = logging.getLogger("distributed"), os.environ.get(LEVEL)
    level = log.level
    log.setLevel(logging.CRITICAL)
    os.environ[LEVEL] = before or "critical"
    try:
        yield
    finally:
        log.setLevel(level)
        if before is None:
            del os.environ[LEVEL]


@contextmanager
def client_of(processes: int, scheduler: str | None = None) -> Iterator[Client]:
    """Yield a client whose processes are there, and say in a sentence why they no longer are.

    Raises:
        EngineFailed: see above.
    """
    where = f"the cluster at {scheduler}" if scheduler else "Dask"
    try:
        with _started(processes, scheduler) as client:
            client.wait_for_workers(1 if scheduler else processes, timeout=PATIENCE)
            yield client
    except KilledWorker as error:
        raise EngineFailed(
            f"{where} gave up: process after process was killed over the same part; more memory may help"
        ) from error
    except TimeoutError as error:
        raise EngineFailed(f"{where} has no processes, or does not answer: {error}") from error
    except CancelledError as error:
        raise EngineFailed(f"{where} was stopped before the labels were found") from error
    except ImportError as error:
        raise EngineFailed(f"{where} has processes without this project's code: {error}") from error


@contextmanager
def _started(processes: int, scheduler: str | None) -> Iterator[Client]:
    if scheduler:
        try:
            client = Client(scheduler)
        except ValueError as error:
            raise EngineFailed(f"--scheduler {scheduler} should be an address as in tcp://host:8786: {error}") from None
        with client:
            yield client
        return
    unseen = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}  # a port that is free: None would be 8787 for all
    here = {"processes": True, "threads_per_worker": 1, "host": "127.0.0.1", "scheduler_kwargs": unseen}
    with LocalCluster(n_workers=processes, **here) as cluster, Client(cluster) as client:
        try:
            yield client
        finally:
            # Closed while it starts a process anew, a cluster fails by itself: "can only join a started process".
            with suppress(TimeoutError):
                client.wait_for_workers(processes, timeout=RESTART)


def _fit(
    client: Client,
    pieces: Sequence[tuple[str, int]],
    processes: int,
    known: tuple[Column, Column] | None,
    progress: Progress | None,
) -> Outcome:
    crowd = _crowd(client, pieces, known)
    shared = client.scatter(crowd, broadcast=True)
    n_parts = processes * PARTS_A_PROCESS
    dealt = client.map(_deal, pieces, n_parts=n_parts)
    parts = [
        client.submit(_gather, shared, *(client.submit(operator.getitem, deal, number) for deal in dealt))
        for number in range(n_parts)
    ]
    judgments, repeats, clamped = map(sum, zip(*client.gather(client.map(_size, parts)), strict=True))
    del dealt
    if known and not clamped:
        raise BadFile(f"none of the {len(known[0].names):,} tasks of known label is judged in these files")

    def expect(model: em.Model) -> em.Counts:
        sent = client.scatter(model, broadcast=True)
        return _added(client, [client.submit(_sweep, part, sent) for part in parts])

    fitted = em.alternate(
        _added(client, client.map(_first, parts)),
        expect,
        dawid_skene.m_step(dawid_skene.pseudo_counts(len(crowd.classes))),
        judgments=judgments,
        progress=progress,
    )
    labelled = client.gather([client.submit(_label, part, fitted.swept) for part in parts])
    return Outcome(
        _columns(crowd, labelled), crowd.label_type, len(crowd.workers), len(crowd.classes), judgments, repeats,
        len(fitted.objective), fitted.converged, processes, clamped,
    )  # fmt: skip


def _pieces(path: Path) -> Iterator[tuple[str, int]]:
    """Yield file and row group of every piece that one process reads."""
    if not path.exists():
        raise BadFile(f"there is no file or folder {str(path)!r}")
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if files == [path] and path.suffix.lower() != ".parquet":
        raise BadFile(f"{path.name} should be a .parquet, or a folder of them: an engine reads nothing else")
    if not files:
        raise BadFile(f"{path} holds no file *.parquet")
    for file in files:
        try:
            about = parquet.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            raise BadFile(f"{file.name}: this is not a Parquet file: {error}") from error
        there = about.schema.to_arrow_schema().names
        require(file, COLUMNS, there)
        yield from ((str(file), group) for group in range(about.num_row_groups))


def _read(piece: tuple[str, int], *names: str) -> dict[str, Column]:
    file, group = piece
    read = parquet.ParquetFile(file).read_row_group(group, columns=list(names))
    for name in names:
        if read[name].null_count:
            raise BadFile(f"{Path(file).name}: {name} is missing in {read[name].null_count} rows of row group {group}")
    found = {name: column(named(Path(file), name, read[name])) for name in names}
    found |= {name: tidied(found[name]) for name in names if name != "label"}
    check(Rows(Path(file), found, lambda row: f"row {row + 1} of row group {group}"))
    return found


def _crowd(client: Client, pieces: Sequence[tuple[str, int]], known: tuple[Column, Column] | None) -> Crowd:
    """Return all workers, and all labels with the classes that they are on one machine."""
    found = client.gather(client.map(_names, pieces))
    if not any(len(workers) for workers, _ in found):
        raise BadFile("there are no judgments in these files")
    workers, labels = (pc.unique(pa.concat_arrays(each)).sort() for each in zip(*found, strict=True))
    classes = Classes.of(labels.to_pylist())
    if not fits("dawid_skene", workers=len(workers), labels=len(classes.names)):
        size = f"{len(classes.names):,} labels of {len(workers):,} workers"
        raise BadFile(f"{size} make confusion matrices too large to send")
    names = pa.array(classes.names, pa.string())
    return Crowd(workers, labels, classes.place, names, classes.type, _codes_of(known, classes))


def _codes_of(known: tuple[Column, Column] | None, classes: Classes) -> tuple[Any, Ints]:
    if known is None:
        return pa.array([], pa.string()), np.zeros(0, dtype=Code)
    task, label = known
    code = {classes.meaning(name): n for n, name in enumerate(classes.names)}
    of_label = np.array([code.get(classes.meaning(name), UNKNOWN) for name in label.names.to_pylist()], dtype=Code)
    unheard = np.flatnonzero(of_label == UNKNOWN)
    if len(unheard):
        raise BadFile(UNHEARD.format(label=label.names[int(unheard[0])].as_py()))
    return task.names.take(pa.array(task.code)), of_label[label.code]


def _names(piece: tuple[str, int]) -> tuple[Any, Any]:
    read = _read(piece, "worker", "label")
    return read["worker"].names, read["label"].names


def _deal(piece: tuple[str, int], *, n_parts: int) -> list[Any]:
    """Return the piece's rows by part: a task's part is told by its name, so all its rows go to the same one."""
    read = _read(piece, *COLUMNS)
    part_of = np.array([zlib.crc32(name.encode()) % n_parts for name in read["task"].names.to_pylist()], dtype=Code)
    part = part_of[read["task"].code]
    rows = pa.table({name: found.names.take(pa.array(found.code)) for name, found in read.items()})
    return [rows.filter(pa.array(part == number)) for number in range(n_parts)]


def _gather(crowd: Crowd, *rows: Any) -> Part:
    """Make a part of its rows of all pieces."""
    all_rows = pa.concat_tables(rows)
    tasks = column(pc.dictionary_encode(all_rows["task"]))
    worker, label = (
        np.asarray(pc.index_in(all_rows[name], value_set=names).to_numpy(), dtype=Code)
        for name, names in (("worker", crowd.workers), ("label", crowd.labels))
    )
    kept = one_of_each(
        tasks.code.astype(np.int64) * len(crowd.workers) + worker,
        label,
        lambda row: tuple(all_rows[name][row].as_py() for name in COLUMNS),
    )
    size = (len(tasks.names), len(crowd.workers), len(crowd.classes))
    table = Table(tasks.code[kept], worker[kept], crowd.place[label[kept]], *size)
    found = pc.fill_null(pc.index_in(tasks.names, value_set=crowd.known[0]), UNKNOWN)
    at = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
    clamped = np.append(crowd.known[1], Code(UNKNOWN))[at]  # the last where a task is none of them
    return Part(tasks.names, table, len(label) - len(kept), clamped)


def _size(part: Part) -> tuple[int, int, int]:
    return len(part.table), part.repeats, int((part.clamped != UNKNOWN).sum())


def _first(part: Part) -> em.Counts:
    return em.count(part.table, shares(part.table.counts(), part.clamped))


def _sweep(part: Part, model: em.Model) -> em.Counts:
    return em.sweep(part.table, model, part.clamped, np.empty((part.table.n_tasks, part.table.n_labels)))


def _label(part: Part, model: em.Model) -> tuple[Any, Ints, Floats]:
    """Return tasks, labels' codes and confidences."""
    posterior = np.empty((part.table.n_tasks, part.table.n_labels))
    em.sweep(part.table, model, part.clamped, posterior)
    label = decide(posterior)
    return part.tasks, label, np.take_along_axis(posterior, label[:, None], axis=1)[:, 0]


def _added(client: Client, counts: list[Future]) -> em.Counts:
    """Add counts up where they are, a few at a time, as a tree."""
    while len(counts) > 1:
        counts = [
            client.submit(_total, *counts[first : first + FAN], pure=False) for first in range(0, len(counts), FAN)
        ]
    total: em.Counts = counts[0].result()
    return total


def _total(*counts: em.Counts) -> em.Counts:
    return reduce(operator.add, counts)


def _columns(crowd: Crowd, labelled: Sequence[tuple[Any, Ints, Floats]]) -> dict[str, Any]:
    tasks = pa.concat_arrays([names for names, _, _ in labelled])
    order = pc.array_sort_indices(tasks)
    label = crowd.classes.take(pa.array(np.concatenate([codes for _, codes, _ in labelled])))
    confidence = numbers(np.concatenate([sure for _, _, sure in labelled]).clip(0.0, 1.0))
    return {"task": tasks.take(order), "label": label.take(order), "confidence": confidence.take(order)}
