"""What need not be said again: hints about the same row within a moment, from one process, are one hint.

A hint goes out with a delay as long as that moment, so that it finds what the later ones would have told of.
"""

import threading
import time
from uuid import UUID

MOMENT_SECONDS = 1.0
MOST_KEPT = 10_000  # rows; more, and all are forgotten: a hint too many costs a message

_lock = threading.Lock()
_said: dict[UUID, float] = {}


def is_news(row: UUID) -> bool:
    """Return whether nobody in this process hinted at the row within the last moment; somebody has, from now on."""
    now = time.monotonic()
    with _lock:
        if now < _said.get(row, 0.0):
            return False
        if len(_said) >= MOST_KEPT:
            _said.clear()
        _said[row] = now + MOMENT_SECONDS
        return True
