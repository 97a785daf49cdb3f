"""The Range header (RFC 9110, section 14): one part of a file, as players ask for when they seek."""

import re
from typing import NamedTuple

# A longer number is no offset in any file, and int() would take quadratic time over it.
ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class Unsatisfiable(ValueError):
    """The part that is asked for lies outside of the file."""


class Range(NamedTuple):
    """Bytes from `start` up to, but not with, `stop`."""

    start: int
    stop: int


def read(header: str, *, size: int) -> Range | None:
    """Return the part of a file of `size` bytes that the header asks for; None where all of it is to be sent.

    Several ranges, other units and what isn't a range are ignored, as the RFC lets a server do.

    >>> read("bytes=0-99", size=1000), read("bytes=-100", size=1000), read("bytes=990-", size=1000)
    (Range(start=0, stop=100), Range(start=900, stop=1000), Range(start=990, stop=1000))
    """
    found = ONE_RANGE.fullmatch(header)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise Unsatisfiable(f"there are {size} bytes")
    return Range(start, stop)
