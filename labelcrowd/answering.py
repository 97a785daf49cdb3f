"""Answers on their way out: whoever takes them too slowly to wait for keeps no thread.

gunicorn sends with no end to its patience, a file in one call of the kernel's. What of it has arrived is known to the
kernel alone, which tells on Linux; elsewhere nothing here is ended.
"""

import fcntl
import socket
import struct
import sys
import termios
import time

from django.conf import settings

from labelcrowd.faults import BadBody, TooManySlow
from labelcrowd.waiting import FAIR, PIECE, Awaited, told_of_answers

_ACKED = 120  # where struct tcp_info of linux/tcp.h has tcpi_bytes_acked, since 4.1
_HARD = struct.pack("ii", 1, 0)  # what was not sent by then is dropped when the line is closed, and not kept for them


class Answer(Awaited):
    """What is sent at a line, as its reader takes it."""

    gives_way = True

    def __init__(self, line: socket.socket, address: str) -> None:
        self.address = address
        self.began = time.monotonic()
        self._line = line
        self._taken = 0
        self._is_ended = False

    @property
    def patience(self) -> float:
        return PIECE / FAIR

    @property
    def seconds(self) -> float:
        return float(settings.ANSWER_SECONDS)

    def moved(self) -> int:
        """Return how much was taken, as any; a piece where nothing waits for the reader, as then they wait for us."""
        taken, left = _taken_and_left(self._line)
        if left and taken - self._taken < PIECE:
            return 0
        found, self._taken = taken - self._taken, taken
        return found if left else PIECE

    def end(self, fault: BadBody) -> None:
        """Have the write that waits fail, and all that follow."""
        if isinstance(fault, TooManySlow) and not self._is_ended:
            told_of_answers.count()
        self._is_ended = True
        try:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
            socket.socket.shutdown(self._line, socket.SHUT_RDWR)
        except OSError:  # they are gone
            return


def _taken_and_left(line: socket.socket) -> tuple[int, int]:
    """Return how many bytes the other end has taken in all, and how many wait for it: none where nobody tells."""
    if sys.platform != "linux":
        return 0, 0
    try:
        info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED + 8)
        left = struct.unpack("i", fcntl.ioctl(line, termios.TIOCOUTQ, bytes(4)))[0]
    except (OSError, ValueError):  # a Unix socket, or one that is closed
        return 0, 0
    return struct.unpack_from("Q", info, _ACKED)[0] if len(info) >= _ACKED + 8 else 0, left
