"""Lines of a text file, bounded and decoded one by one, so that a bad line costs no other."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from apps.datasets.entries import Refused
from apps.datasets.limits import KIB, MAX_ROW_BYTES

UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """One line with its end; what is wrong with it, if anything."""

    number: int
    text: str
    problem: str = ""


def check_start(name: str, start: bytes) -> None:
    """Raise `Refused` for what can't be a text file in UTF-8."""
    if not start:
        raise Refused(f"{name!r} is empty")
    if start.startswith(UTF16_MARKS):
        raise Refused(f"{name!r} is written in UTF-16; save it as UTF-8")


def read(stream: io.BufferedReader, *, name: str) -> Iterator[Line]:
    """Yield every line; raise `Refused` if there is none. A byte order mark is dropped."""
    start = stream.peek(3)
    check_start(name, start)
    if start.startswith(UTF8_MARK):
        stream.read(len(UTF8_MARK))
        check_start(name, stream.peek(1))
    number = 0
    while raw := stream.readline(MAX_ROW_BYTES + 1):
        number += 1
        if len(raw) > MAX_ROW_BYTES:
            yield Line(number, _skip(stream, raw), f"is longer than {MAX_ROW_BYTES // KIB:,} KiB")
            continue
        try:
            yield Line(number, raw.decode())
        except UnicodeDecodeError as error:
            yield Line(
                number,
                raw.decode("utf-8", "replace"),
                f"is not UTF-8: byte {error.start + 1} of line {number} is 0x{raw[error.start]:02X}",
            )


def _skip(stream: io.BufferedReader, raw: bytes) -> str:
    """Read on to the end of a line too long to be kept; return one quote if it held an odd number of them.

    So a reader of CSV is left inside or outside quotes just as the whole line would have left it.
    """
    quotes = raw.count(b'"')
    while not raw.endswith(b"\n") and (raw := stream.readline(MAX_ROW_BYTES)):
        quotes += raw.count(b'"')
    return '"\n' if quotes % 2 else "\n"
