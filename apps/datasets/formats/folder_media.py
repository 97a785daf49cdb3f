"""A folder of media files, with or without a list of items; links are refused, not followed."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from apps.datasets import archive, names
from apps.datasets.archive import Member
from apps.datasets.entries import Entry
from apps.datasets.source import Source, files_below, open_regular

SUFFIXES = ("/",)
ROWS = False


def read(source: Source) -> Iterator[Entry]:
    members: list[Member] = []
    root = source.on_disk()
    for entry in files_below(root):
        name = os.path.relpath(entry.path, root)
        if not names.DEBRIS.search(name):
            members.append(_member(entry, name, number=len(members) + 1))
            archive.check_count(len(members), source.name)
    yield from archive.read(source, members)


def _member(entry: "os.DirEntry[str]", name: str, *, number: int) -> Member:
    problem = ""
    if entry.is_symlink():
        problem = "is a symbolic link"
    elif not entry.is_file(follow_symlinks=False):
        problem = "is not a regular file"
    size = entry.stat(follow_symlinks=False).st_size
    return Member(number, name, size, size, partial(open_regular, Path(entry.path)), problem)
