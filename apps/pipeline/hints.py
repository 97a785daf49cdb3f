"""What need not be said again: of hints about the same row within a moment, from one process, two go out.

The first goes at once, so that a page that comes alone is settled at once; the second when the moment ends, so that it
finds what all the later ones would have told of.
"""

import threading
import time
from uuid import UUID

MOMENT_SECONDS = 1.0
MOST_KEPT = 10_000  # rows; more, and all are forgotten: a hint too many costs a message

_lock = threading.Lock()
_until: dict[UUID, float] = {}  # when the last hint about a row went out, or will, and a moment more


def delay(row: UUID, *, now: float | None = None) -> float | None:
    """Return in how many seconds to hint at the row, None where a hint is on its way that will find it.

    `now`: a monotonic clock's seconds, by default this machine's.
    """
    now = time.monotonic() if now is None else now
    with _lock:
        until = _until.get(row, now)
        if until > now + MOMENT_SECONDS:
            return None
        if len(_until) >= MOST_KEPT:
            _until.clear()
        _until[row] = max(until, now) + MOMENT_SECONDS
        return max(until - now, 0.0)
