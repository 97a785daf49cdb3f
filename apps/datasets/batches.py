"""Entries of a file in batches: bounded in rows, in bytes and in files."""

import gc
import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from apps.datasets import values
from apps.datasets.entries import Bad, Entry, File, Refused, Row
from apps.datasets.limits import BATCH_BYTES, BATCH_FILES
from apps.datasets.values import Draft, Ready

# What a batch holds: rows are checked as they come, since a row of small size may be large when parsed.
Held = Ready | Draft | Bad | File

# Python lets a busy thread run for 5 ms when another wants to go on. The one that feeds the database wants to often, so
# the reader stands back for it: imports were measured 5 to 10 % faster.
ROWS_BETWEEN_BREATHS = 256
BREATH_SECONDS = 0.0001
# Objects between two looks for cycles, where Python's own is 700: rows are many objects and hold none.
OBJECTS_BETWEEN_LOOKS = 50_000


def of(entries: Iterable[Entry], *, rows: int, media_columns: frozenset[str]) -> Iterator[list[Held]]:
    """Yield the entries in batches of at most so many; when the file is refused midway, first what came before."""
    batch: list[Held] = []
    size = files = 0
    try:
        for number, entry in enumerate(entries):
            if number % ROWS_BETWEEN_BREATHS == 0:
                time.sleep(BREATH_SECONDS)
            if isinstance(entry, Row):
                size += entry.size
                batch.append(values.read(entry, media_columns=media_columns))
            else:
                files += isinstance(entry, File)
                batch.append(entry)
            if len(batch) >= rows or size >= BATCH_BYTES or files >= BATCH_FILES:
                yield batch
                batch, size, files = [], 0, 0
    except Refused:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def ahead(batches: Iterator[list[Held]]) -> Generator[list[Held], None, None]:
    """Yield the same batches, and read the next one while the database is busy with this one."""
    with _few_looks(), ThreadPoolExecutor(1, thread_name_prefix="import") as reader:
        upcoming = reader.submit(next, batches, None)
        while (batch := upcoming.result()) is not None:
            upcoming = reader.submit(next, batches, None)
            yield batch


@contextmanager
def _few_looks() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
