"""JSON from outside: bounded in size and depth, and without the numbers that JSON does not have."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.api.problems import BadField

MOST_DEPTH = 64
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(rb"[\[\]{}]")


class JsonParser(BaseParser):
    """Reads a body of at most DATA_UPLOAD_MAX_MEMORY_SIZE; says at which line and column it is no JSON."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            # A request's own `body` counts its bytes; where that was asked for before, DRF hands a copy.
            text: bytes = stream.body if isinstance(stream, HttpRequest) else stream.read()
            if text.count(b"[") + text.count(b"{") > MOST_DEPTH:
                _check_depth(text)
            return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"the request is not JSON: {error}") from None


class StreamParser(BaseParser):
    """Takes what is to be read as a stream, unread."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raise ParseError(f"the body is {media_type}, which this address does not read")


def _check_depth(text: bytes) -> None:
    """Refuse what is nested deeper than anything we take: it would exhaust the stack of whoever walks through it."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", text)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > MOST_DEPTH:
        raise ParseError(f"the request is nested {deepest} deep, {MOST_DEPTH} is the most there may be")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; refuse one with a key twice: somebody may have checked the one, and we take the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        shown = name[:60].encode("ascii", "backslashreplace").decode()
        raise BadField(shown, f"the key {shown!r} is given twice in one object, it should be there once")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
