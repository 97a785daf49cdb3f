"""What is wrong with a request on its way in, by the status that says so."""

from collections.abc import Mapping

from django.core.exceptions import BadRequest


class BadBody(BadRequest):
    """The body of a request can't be read; nothing was done with it."""

    status = 400
    headers: Mapping[str, str] = {}


class CutShort(BadBody):
    """It ended before its length, or before its last chunk."""


class TooSlow(BadBody):
    """It came in too slowly to wait for."""

    status = 408


class TooManySlow(BadBody):
    """It came in slowly while others did."""

    status = 503
    headers: Mapping[str, str] = {"Retry-After": "5"}


class NeedsLength(BadBody):
    """It came in chunks where only a length tells its end."""

    status = 411
