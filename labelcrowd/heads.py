"""Heads of requests, waited for no longer than bodies are: gunicorn's threaded worker, with an end to its patience.

    gunicorn labelcrowd.wsgi --worker-class labelcrowd.heads.Worker --threads 4

A line that says nothing waits for its first byte in the poller, and takes no thread. From then on the whole head may
take LABELCROWD_BODY_SECONDS, and is among those that `labelcrowd.waiting.watch` counts as slow.
"""

import selectors
import socket
import time
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from labelcrowd.answering import Answer
from labelcrowd.faults import BadBody, TooManySlow
from labelcrowd.waiting import PIECE, Awaited, hear_no_more, told, watch

FIRST_BYTE_SECONDS = 0.05  # most lines bring their request along
# What nobody read of a body is read to its end, for the line to be kept: what is not there by then costs it the line.
DRAIN_SECONDS = 0.25
BUSY_DRAIN_SECONDS = 0.01  # while others wait for a thread
QUIET_SECONDS = 2.0  # a line that is closed here is kept so long for what they still send
LEAVING_SECONDS = 30.0  # and so long if they go on sending
MOST_LEAVING = 100  # such lines at once: beyond, the oldest is closed


class Head(Awaited):
    """The head of a request on its way in at a line."""

    def __init__(self, line: TConn) -> None:
        self.line = line
        self.address = address_of(line)
        self.began = time.monotonic()
        self.fault: BadBody | None = None
        self.is_whole = False

    def end(self, fault: BadBody) -> None:
        self.fault = fault
        hear_no_more(self.line.sock)


def address_of(line: TConn) -> str:
    """Return who is at the other end; of a Unix socket nobody is told."""
    return str(line.client[0]) if isinstance(line.client, tuple) else ""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """One process of the web server."""

    def init_process(self) -> None:
        self.leaving = dict[TConn, float]()  # until when at most; the oldest first
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Have a line wait for a thread."""
        watch.in_line.append(time.monotonic())
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Read a request and answer it, in one of the threads."""
        watch.in_line.popleft()
        if not conn.initialized and not conn.wait_for_data(FIRST_BYTE_SECONDS):
            return _DEFER
        conn.head = Head(conn)
        watch.begin(conn.head)
        try:
            return super().handle(conn)
        finally:
            watch.over(conn.head)
            self._say_why(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head is there."""
        conn.head.is_whole = True
        watch.over(conn.head)
        answer = Answer(conn.sock, address_of(conn))
        watch.begin(answer)
        try:
            return super().handle_request(req, conn)
        finally:
            watch.over(answer)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        deadline = time.monotonic() + (BUSY_DRAIN_SECONDS if watch.in_line else DRAIN_SECONDS)
        return keepalive and bool(conn.parser.finish_body(deadline=deadline))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Keep a line, or see it off; in the thread that accepts lines, where gunicorn would stand still meanwhile."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
        else:
            self._see_off(conn)

    def _see_off(self, conn: TConn) -> None:
        """Say that nothing more comes, and have the poller hear what they still send.

        Closed at once the line would be reset by that, and the answer be lost to who reads it when all is sent.
        """
        now = time.monotonic()
        try:
            socket.socket.shutdown(conn.sock, socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:  # they are gone
            self._close(conn)
            return
        self.leaving[conn], conn.timeout = now + LEAVING_SECONDS, now + QUIET_SECONDS
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._hear, conn))
        if len(self.leaving) > MOST_LEAVING:
            self._leave(next(iter(self.leaving)))

    def _hear(self, conn: TConn, line: socket.socket) -> None:
        try:
            said = socket.socket.recv(line, PIECE)  # not a TLS socket's own: nobody reads it
        except BlockingIOError:
            return
        except OSError:  # they are gone
            said = b""
        if said:
            conn.timeout = time.monotonic() + QUIET_SECONDS
        else:
            self._leave(conn)

    def murder_pending(self) -> None:
        """Close what was waited for long enough; asked for at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [each for each, until in self.leaving.items() if now > min(until, each.timeout)]:
            self._leave(conn)

    def _leave(self, conn: TConn) -> None:
        if self.leaving.pop(conn, None) is not None:  # else it was the oldest of too many a moment ago
            self.poller.unregister(conn.sock)
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _say_why(self, conn: TConn) -> None:
        fault = conn.head.fault
        if fault is None or conn.head.is_whole:
            return
        if isinstance(fault, TooManySlow):
            told.count("its head")
        try:
            util.write_error(conn.sock, fault.status, HTTPStatus(fault.status).phrase, str(fault))
        except OSError:  # they are gone
            return
