"""Formats of files to import: each module in this folder is one, found by being there.

A module sets `SUFFIXES` (as file names end; "/" is a folder) and `ROWS` (whether it holds rows only, so that it may
list the items of an archive), and defines `read(source) -> Iterator[Row | File | Bad]`, which raises `Refused` for the
file as a whole, and must yield the same again for the same file, as a resumed import counts on it.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import Protocol, cast

from apps.datasets.entries import Entry, Refused
from apps.datasets.source import Source

FOLDER = "/"


class Format(Protocol):
    SUFFIXES: tuple[str, ...]
    ROWS: bool

    def read(self, source: Source) -> Iterator[Entry]: ...


@cache
def by_suffix() -> dict[str, Format]:
    """Return every format by each of its suffixes."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        form = cast(Format, importlib.import_module(f"{__name__}.{module.name}"))
        found.update(dict.fromkeys(form.SUFFIXES, form))
    return found


def of(name: str, *, is_folder: bool = False) -> Format:
    """Return the format that reads a file of this name; raise `Refused` if none does."""
    suffix = FOLDER if is_folder else PurePath(name).suffix.lower()
    try:
        return by_suffix()[suffix]
    except KeyError:
        known = ", ".join(sorted(by_suffix().keys() - {FOLDER}))
        raise Refused(
            f"{name!r} is not a file we can read: its name should end in one of {known}, or be a folder"
        ) from None
