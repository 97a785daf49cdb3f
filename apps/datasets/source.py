"""A file being read: from the disk or out of an archive, with a count of the bytes."""

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from apps.datasets.entries import Refused

BUFFER = 2**18


class Counted(io.RawIOBase):
    """Reads from another stream, and tells a source how much."""

    def __init__(self, inner: BinaryIO, source: "Source") -> None:
        self.inner = inner
        self.source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        taken = self.inner.readinto(buffer) if hasattr(self.inner, "readinto") else None
        if taken is None:
            data = self.inner.read(len(buffer))
            taken = len(data)
            buffer[:taken] = data
        self.source.bytes_read += taken
        return taken

    def close(self) -> None:
        self.inner.close()
        super().close()


class Source(contextlib.ExitStack):
    """What a format reads; keeps open what it opens until the import ends."""

    def __init__(
        self, name: str, *, path: Path | None = None, open_inner: Callable[[], BinaryIO] | None = None
    ) -> None:
        super().__init__()
        self.name = name
        self.path = path
        self.open_inner = open_inner
        self.bytes_read = 0

    def on_disk(self) -> Path:
        """Return where the file lies; raise `Refused` when it is inside another."""
        if self.path is None:
            raise Refused(f"{self.name!r} lies inside another file; only CSV, TSV, JSONL and JSON are read there")
        return self.path

    def stream(self) -> io.BufferedReader:
        """Open the file for reading bytes, counted."""
        inner = self.open_inner() if self.open_inner else open_regular(self.on_disk())
        return self.enter_context(io.BufferedReader(Counted(inner, self), BUFFER))


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file; raise `Refused` for links, devices and pipes, which could lead elsewhere or never end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"{path.name!r} can't be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused(f"{path.name!r} is not a regular file")
    return os.fdopen(handle, "rb", buffering=0)


def files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield whatever is not a folder in the folder and below, in the order of names; links are not followed."""
    with os.scandir(folder) as found:
        ordered = sorted(found, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path))
        else:
            yield entry


def size_of(path: Path) -> int:
    """Return how many bytes there are to read."""
    if path.is_dir():
        return sum(entry.stat(follow_symlinks=False).st_size for entry in files_below(path))
    return path.stat().st_size


def fingerprint(path: Path) -> str:
    """Return 64 hex digits that change when the file does; of a folder: its names, sizes and times."""
    if path.is_dir():
        listing = hashlib.sha256()
        for entry in files_below(path):
            status = entry.stat(follow_symlinks=False)
            name = os.fsencode(os.path.relpath(entry.path, path))
            listing.update(b"%b\0%d\0%d\0" % (name, status.st_size, status.st_mtime_ns))
        return listing.hexdigest()
    with open_regular(path) as file:
        return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
