"""Heads of requests, waited for no longer than bodies are: gunicorn's threaded worker, with an end to its patience.

    gunicorn labelcrowd.wsgi --worker-class labelcrowd.heads.Worker --threads 4

A line that says nothing waits for its first byte in the poller, and takes no thread. From then on the whole head may
take LABELCROWD_BODY_SECONDS, and is among those that `labelcrowd.waiting.watch` counts as slow.
"""

import socket
import time
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from labelcrowd.answering import Answer
from labelcrowd.faults import BadBody, TooManySlow
from labelcrowd.waiting import Awaited, hear_no_more, told, watch

FIRST_BYTE_SECONDS = 0.05  # most lines bring their request along
# What nobody read of a body is read to its end, for the line to be kept: what is not there by then costs it the line.
DRAIN_SECONDS = 0.25


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
            keeps = super().handle(conn)
        finally:
            watch.over(conn.head)
            self._say_why(conn)
        if not keeps:
            self._see_off(conn)
        return keeps

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
        deadline = time.monotonic() + DRAIN_SECONDS
        return keepalive and bool(conn.parser.finish_body(deadline=deadline))

    def _see_off(self, conn: TConn) -> None:
        """Wait a little for the other end to close, here: gunicorn does so for two seconds where it accepts lines."""
        try:
            socket.socket.shutdown(conn.sock, socket.SHUT_WR)
            conn.sock.settimeout(DRAIN_SECONDS)
            conn.sock.recv(4096)
        except OSError:  # they don't, or are gone
            pass
        hear_no_more(conn.sock)

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
