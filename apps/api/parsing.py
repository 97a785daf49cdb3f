"""JSON from outside: bounded in size and depth, and without the numbers that JSON does not have."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JsonParser(BaseParser):
    """Reads a body of at most DATA_UPLOAD_MAX_MEMORY_SIZE; says at which line and column it is no JSON."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            return json.loads(stream.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"the request is not JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
