"""What a format finds in a file, one after the other, and how a file is refused."""

from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple


class Refused(ValueError):
    """The file can't be imported, or not further; the text is a sentence for whoever sent it."""


class TakenName(Refused):
    """The organization has another dataset of this name."""


class Broken(Refused):
    """One file inside an archive can't be read; the others may."""


class Row(NamedTuple):
    """One row as it was written, nothing checked yet."""

    line: int  # in its file, from 1; in JSON the number of the object
    data: dict[str, Any]
    size: int  # of its source text, about
    file: str = ""  # inside an archive or folder: which


class File(NamedTuple):
    """One media file of an archive or folder."""

    line: int  # its number in the archive
    name: str  # as items name it
    open: Callable[[], BinaryIO]
    size: int  # as it is claimed
    is_item: bool  # there is no list of items, so each file is one


class Bad(NamedTuple):
    """What was refused, and lost no other."""

    line: int
    reason: str
    file: str = ""


Entry = Row | File | Bad


def shown(value: object, *, length: int = 60) -> str:
    """Write a value of the file for a message: short, and without characters that can't be kept.

    >>> shown("a\\x00"), shown("\\ud800"), shown("x" * 100, length=10)
    ("'a\\\\x00'", "'\\\\ud800'", "'xxxxxxx…'")
    """
    text = repr(value[: length * 2] if isinstance(value, str) else value)
    return text if len(text) <= length else f"{text[: length - 2]}…{text[0]}"


def storable(text: str) -> str:
    """Return text that PostgreSQL keeps: what it can't is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
