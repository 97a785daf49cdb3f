"""A ZIP of media files, with or without a list of items; its bytes are counted while they inflate."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from apps.datasets import archive, names
from apps.datasets.archive import Member
from apps.datasets.entries import Broken, Entry, Refused
from apps.datasets.limits import FREE_INFLATION_BYTES, MAX_DIRECTORY_BYTES, MAX_INFLATION, MIB
from apps.datasets.source import Source, open_regular

SUFFIXES = (".zip",)
ROWS = False

# LZMA and bzip2 may ask for gigabytes of memory to be unpacked.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
CONTENTS_ENTRY = b"PK\x01\x02"  # how each entry of the table of contents begins


def read(source: Source) -> Iterator[Entry]:
    file = source.enter_context(_NoHugeDirectory(open_regular(source.on_disk()), source.name))
    try:
        opened = source.enter_context(zipfile.ZipFile(cast(Any, file)))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{source.name!r} is not a ZIP that can be read: {error}") from None
    budget = _Budget(source.name, file.size)
    members: list[Member] = []
    for info in opened.infolist():
        if not info.is_dir() and not names.DEBRIS.search(info.filename):
            members.append(_member(opened, info, budget, number=len(members) + 1))
            archive.check_count(len(members), source.name)
    yield from archive.read(source, members)


def _member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, budget: "_Budget", *, number: int) -> Member:
    problem = ""
    if "\x00" in info.orig_filename:
        problem = "has the character U+0000 in its name"
    elif stat.S_ISLNK(info.external_attr >> 16):
        problem = "is a symbolic link"
    elif info.flag_bits & ENCRYPTED:
        problem = "is encrypted"
    elif info.compress_type not in METHODS:
        problem = "is packed by a method we don't unpack; only 'stored' and 'deflated' are"
    return Member(
        number, info.filename, info.file_size, info.compress_size, partial(_open, opened, info, budget), problem
    )


def _open(opened: zipfile.ZipFile, info: zipfile.ZipInfo, budget: "_Budget") -> BinaryIO:
    try:
        return cast(BinaryIO, _Inflating(opened.open(info), budget))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Broken(f"is damaged: {error}") from None


class _Budget:
    """How much all files of an archive may inflate to, together."""

    def __init__(self, name: str, packed: int) -> None:
        self.name = name
        self.left = max(FREE_INFLATION_BYTES, MAX_INFLATION * packed)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Refused(
                f"{self.name!r} inflates to more than {MAX_INFLATION} times its size, as only a ZIP bomb does"
            )


class _Inflating(io.RawIOBase):
    """One file of an archive while it inflates."""

    def __init__(self, inner: Any, budget: _Budget) -> None:
        self.inner = inner
        self.budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.inner.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise Broken(f"is damaged: {error}") from None
        self.budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.inner.close()
        super().close()


class _NoHugeDirectory(io.BufferedReader):
    """The archive's bytes; refuses a table of contents that would fill the memory before anything could be counted."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        super().__init__(cast(Any, raw))
        self.archive = name
        self.size = self.seek(0, io.SEEK_END)

    def read(self, size: int | None = -1, /) -> bytes:
        # Only the table of contents is read in one piece of this length.
        asked = self.size if size is None or size < 0 else min(size, self.size)
        if asked > MAX_DIRECTORY_BYTES:
            raise Refused(f"the table of contents of {self.archive!r} is too long; import it in parts")
        data = super().read(size)
        if len(data) > MIB:
            archive.check_count(data.count(CONTENTS_ENTRY), self.archive)
        return data
