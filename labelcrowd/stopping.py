"""How our own processes are asked to end."""

import os
import signal
import time
from types import FrameType

# Long enough to cost nothing when idle, short enough that nobody waits for it.
NAP_SECONDS = 0.25


class Stopping:
    """Whether this process was asked to end (SIGTERM or SIGINT); asked twice, it ends at once.

    A flag and naps, not an Event: a signal's handler may interrupt the very lock that Event.set() needs.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True

    def wait(self, seconds: float) -> bool:
        """Wait this long at most; return whether the process was asked to end."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))
        return self.asked
