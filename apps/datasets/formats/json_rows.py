"""JSON: an array of objects, or an object that holds one under "items"; streamed, so it may be larger than memory."""

import codecs
import io
import re
from collections.abc import Iterator

from apps.datasets import lines, objects
from apps.datasets.entries import Bad, Refused, Row
from apps.datasets.limits import KIB, MAX_ROW_BYTES
from apps.datasets.source import Source

SUFFIXES = (".json",)
ROWS = True

SHAPE = 'it should be a list of objects, or {"items": [objects]}'
CHUNK = MAX_ROW_BYTES
# Objects up to this length are decoded where they lie; longer and bad ones are measured first. Small, as the json
# module's errors cost a pass over the text they are given.
WINDOW = 4 * KIB
MARK = re.compile(r'\\(?:.|\Z)|["\[\]{},]', re.DOTALL)
ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
BLANK = re.compile(r"[ \t\r\n]*")


def read(source: Source) -> Iterator[Row | Bad]:
    text = _Text(source.stream(), name=source.name)
    _enter_items(text, source.name)
    number = 0
    more = text.next_char() != "]"
    while more:
        number += 1
        entry = _element(text, number)
        after = text.next_char()
        if after not in (",", "]", ""):
            entry = Bad(number, f"is followed by {after!r}; there should be a comma")
            after = _next_comma(text)
        yield entry
        if not after:
            raise Refused(f"{source.name!r} ends before its list does, in item {number} or after it")
        text.position += 1
        more = after == ","


def _next_comma(text: "_Text") -> str:
    """Go to the comma or bracket that ends an item with something behind it; return it, "" at the end of the file."""
    while (after := text.next_char()) not in (",", "]", ""):
        if after == "}":
            text.position += 1
        text.skip_value()
    return after


def _enter_items(text: "_Text", name: str) -> None:
    """Go to the first item; raise `Refused` if the file does not hold a list of them."""
    opening = text.next_char()
    if opening == "[":
        text.position += 1
        return
    while opening in ("{", ","):
        text.position += 1
        key = text.take_key()
        if text.next_char() != ":":
            break
        text.position += 1
        if key == "items":
            if text.next_char() != "[":
                break
            text.position += 1
            return
        text.skip_value()
        opening = text.next_char()
    raise Refused(f"{name!r} does not hold a list; {SHAPE}")


def _element(text: "_Text", number: int) -> Row | Bad:
    """Return the value at the text's position as a row, and go behind it."""
    text.next_char()
    window = text.buffer[text.position : text.position + WINDOW]
    try:
        value, length = objects.decoder.raw_decode(window)
    except (ValueError, RecursionError):
        return _measured(text, number)
    if length == len(window) or (text.has_escapes and ESCAPED_BYTE.search(window, 0, length)):
        return _measured(text, number)
    text.position += length
    return objects.row(value, line=number, size=length)


def _measured(text: "_Text", number: int) -> Row | Bad:
    element = text.take_value()
    if element is None:
        return Bad(number, f"is longer than {MAX_ROW_BYTES // KIB:,} KiB")
    if found := ESCAPED_BYTE.search(element):
        return Bad(number, f"is not UTF-8: character {found.start() + 1} is the byte 0x{ord(found[0]) - 0xDC00:02X}")
    return objects.read(element, line=number)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Text:
    """The text of the file through a window that moves on."""

    def __init__(self, stream: io.BufferedReader, *, name: str) -> None:
        lines.check_start(name, stream.peek(3))
        # Bytes that are not UTF-8 become lone surrogates, so that the one item that has them can be told.
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self.stream = stream
        self.buffer = ""
        self.position = 0
        self.ended = False
        self.has_escapes = False

    def fill(self) -> None:
        """See to it that a whole row's length lies ahead, or the end of the file."""
        while not self.ended and len(self.buffer) - self.position <= MAX_ROW_BYTES:
            raw = self.stream.read(CHUNK)
            self.ended = not raw
            chunk = self.decoder.decode(raw, final=self.ended)
            self.has_escapes = self.has_escapes or not _is_utf8(chunk)
            self.buffer = self.buffer[self.position :] + chunk
            self.position = 0

    def next_char(self) -> str:
        """Pass over blanks; return the character there, "" at the end of the file."""
        while True:
            self.fill()
            if (char := self.buffer[self.position : self.position + 1]) > " ":
                return char
            found = BLANK.match(self.buffer, self.position)
            self.position = found.end() if found else self.position
            if self.position < len(self.buffer):
                return self.buffer[self.position]
            if self.ended:
                return ""

    def take_key(self) -> object:
        """Go behind the name of a field here and return it, None if there is none."""
        self.next_char()
        try:
            key, length = objects.decoder.raw_decode(self.buffer[self.position : self.position + WINDOW])
        except (ValueError, RecursionError):
            return None
        self.position += length
        return key

    def take_value(self) -> str | None:
        """Go to the end of the value here and return its text, None if it is longer than a row may be."""
        pieces: list[str] = []
        length = 0
        for piece in self._walk():
            length += len(piece)
            if length <= MAX_ROW_BYTES:
                pieces.append(piece)
        return "".join(pieces) if length <= MAX_ROW_BYTES else None

    def skip_value(self) -> None:
        """Go to the end of the value here, whatever its length."""
        for _piece in self._walk():
            pass

    def _walk(self) -> Iterator[str]:
        """Go to the comma or bracket that ends the value here, without recursion; yield what is passed."""
        depth, quoted = 0, False
        while True:
            self.fill()
            start, end = self.position, len(self.buffer)
            for found in MARK.finditer(self.buffer, start):
                mark = found[0]
                if mark == '"':
                    quoted = not quoted
                elif mark == "\\" and not self.ended:
                    end = found.start()  # what it escapes is not read yet
                elif quoted:
                    continue
                elif mark in "[{":
                    depth += 1
                elif depth == 0 and mark in ",]}":
                    self.position = found.start()
                    yield self.buffer[start : self.position]
                    return
                elif mark in "]}":
                    depth -= 1
            self.position = end
            yield self.buffer[start:end]
            if self.ended:
                return
