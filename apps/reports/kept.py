"""What was read a moment ago and takes long: kept for all who look, for no more of the time than it is worth."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache

from apps.core import clock

SECONDS, TIMES = 1, 10  # as many times as the reading took
MOST_SECONDS = 20  # then it is read again, though it takes more than a tenth of the time
FRESH = timedelta(seconds=2)

T = TypeVar("T")


def kept(key: str, make: Callable[[], T], *, least: float = SECONDS, most: float = MOST_SECONDS) -> T:
    """Return what `make` gives, or what it gave at most `most` seconds ago (`least` seconds where that is more)."""
    found: T | None = cache.get(key)
    if found is None:
        began = time.monotonic()
        found = make()
        cache.set(key, found, max(least, min(most, TIMES * (time.monotonic() - began))))
    return found


def as_of(at: datetime) -> datetime | None:
    """Return when something was read, to be told, None where it is as good as now."""
    return at if clock.now() - at > FRESH else None
