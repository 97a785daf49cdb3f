"""Bodies of requests: whole or refused, in chunks too, and read from nobody who keeps a thread waiting for them.

gunicorn hands on what came of a body as if it were all (benoitc/gunicorn#3234), and Django takes a body without a
length, sent in chunks, for none (ticket 35838). So this is what all views read from.
"""

import io
import logging
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from gunicorn.http.errors import ParseException

log = logging.getLogger(__name__)

PIECE = 2**15  # bytes; the patience below is with each
TICK = 0.25  # seconds
TOLD_EVERY_SECONDS = 60.0


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


class Awaited(Protocol):
    """What a thread waits for on a line."""

    def end(self, fault: BadBody) -> None:
        """Have the read that waits return; from another thread."""


class Watch:
    """Ends the reading of what does not come: each waits in a thread, and a process has few of them.

    A piece of a body may take LABELCROWD_BODY_SECONDS. Of those that take longer than LABELCROWD_BODY_PATIENCE at most
    LABELCROWD_MOST_SLOW_BODIES are waited for, those that came first. It sleeps while nothing is read.
    """

    def __init__(self) -> None:
        self._since: dict[Awaited, float] = {}
        self._reads = threading.Event()
        self._starts = threading.Lock()
        self._turns = threading.Lock()  # whether a piece came or its reading is ended
        self._thread: threading.Thread | None = None

    def read(self, body: "Incoming", size: int) -> bytes:
        """Read so much; what was ended is a body that ends early."""
        self.begin(body)
        try:
            return bytes(body.source.read(size))
        finally:
            self.over(body)

    def begin(self, awaited: Awaited) -> None:
        """Watch something from now on."""
        self._since[awaited] = time.monotonic()
        if not self._reads.is_set():
            self._begin()

    def over(self, awaited: Awaited) -> None:
        """Watch it no more: it is not ended once this returns."""
        with self._turns:
            self._since.pop(awaited, None)

    def _begin(self) -> None:
        with self._starts:  # the first time in each process: a thread is not there after a fork
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watch of bodies", daemon=True)
                self._thread.start()
        self._reads.set()

    def _look(self) -> None:
        while self._reads.wait():
            time.sleep(TICK)
            try:
                self._end_the_slow(time.monotonic())
            except Exception:  # nobody else in this process ends what is slow
                log.exception("slow bodies could not be looked at")
            if not self._since:
                self._reads.clear()
                if self._since:  # began between the two
                    self._reads.set()

    def _end_the_slow(self, now: float) -> None:
        slow = [(since, each) for each, since in self._since.copy().items() if now - since > settings.BODY_PATIENCE]
        for place, (since, awaited) in enumerate(sorted(slow, key=lambda each: each[0])):
            if now - since > settings.BODY_SECONDS:
                fault: BadBody = TooSlow(f"it came in too slowly: a piece of it took {settings.BODY_SECONDS:g} s")
            elif place >= settings.MOST_SLOW_BODIES:
                fault = TooManySlow("it comes in slowly, and so do others: send it again, in one go")
            else:
                continue
            with self._turns:
                if self._since.get(awaited) == since:  # else it came in the meantime
                    awaited.end(fault)


watch = Watch()


class Told:
    """Tells the log that slow senders were sent away: once in a while and how many, for there may be very many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._count = 0

    def count(self, where: str) -> None:
        """Note one more, at this route."""
        with self._lock:
            self._count += 1
            now = time.monotonic()
            if now - self._at < TOLD_EVERY_SECONDS:
                return
            count, self._at, self._count = self._count, now, 0
        log.warning(
            "slow requests were sent away, for others were waited for already: %d since this was last said, the newest "
            "at %s; a proxy should wait for whole requests",
            count, where,
        )  # fmt: skip


told = Told()


class Incoming(io.RawIOBase):
    """A body as it comes in: it ends with its last byte, and where it ends before, it raises `BadBody`."""

    def __init__(self, environ: Mapping[str, Any], *, length: int | None) -> None:
        super().__init__()
        self.source = environ["wsgi.input"]
        self.left = length  # None: in chunks, whose server tells the end
        self.told = length
        self.raised: BadBody | None = None
        self._ended: BadBody | None = None
        self._socket: socket.socket | None = environ.get("gunicorn.socket")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), PIECE) if self.left is None else min(len(buffer), PIECE, self.left)
        if size == 0 or self.raised is not None:
            return 0
        try:
            found = watch.read(self, size)
        except (OSError, ParseException) as error:  # a chunk that is none, or ends early; or the connection was reset
            raise self._fault(f"the body ended early, or is in no chunks: {error or type(error).__name__}") from None
        if self._ended is not None or (self.left is not None and len(found) < size):
            got = (self.told or 0) - (self.left or 0) + len(found)
            raise self._fault(f"the body ended early: {got:,} bytes of {self.told or 0:,} came")
        buffer[: len(found)] = found
        if self.left is not None:
            self.left -= len(found)
        return len(found)

    def end(self, fault: BadBody) -> None:
        self._ended = self._ended or fault
        if self._socket is not None:
            hear_no_more(self._socket)

    def _fault(self, said: str) -> BadBody:
        self.raised = self._ended or CutShort(f"{said}; nothing was done, send it again")
        self.source.failed = True  # by which gunicorn closes the line: what comes next on it is no request
        return self.raised


def hear_no_more(line: socket.socket) -> None:
    """Have a read that waits at a line return, and all that follow. Who sends can still be answered."""
    try:
        # Not a TLS socket's own: that forgets its keys first, and the answer would go out in the clear.
        socket.socket.shutdown(line, socket.SHUT_RD)
    except OSError:  # they are gone
        return


class Buffered(io.BufferedReader):
    """Sets aside no more than there can be: who asks for a whole body asks for the most that one may have."""

    raw: Incoming

    def read(self, size: int | None = -1) -> bytes:
        told = self.raw.told
        return super().read(size if told is None or size is None or size < 0 else min(size, told))


class Request(WSGIRequest):
    """A request whose body is whole, or raises `BadBody` where it is read."""

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        self.is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        length = environ.get("CONTENT_LENGTH") or "0"
        self.incoming = Incoming(environ, length=None if self.is_chunked else int(length) if length.isdecimal() else 0)
        self._stream = Buffered(
            self.incoming, PIECE if self.incoming.told is None else min(PIECE, self.incoming.told or 1)
        )

    @property
    def body(self) -> bytes:
        """Return all of it. From then on one that came in chunks has a length, which others go by."""
        found: bytes = super().body
        if self.is_chunked:
            self.META["CONTENT_LENGTH"] = str(len(found))
        return found


class Handler(WSGIHandler):
    """The site, answering what is wrong with a body by its own status, pages too."""

    request_class = Request

    def get_response(self, request: Any) -> HttpResponseBase:
        # Django reads no form in parts whose length it does not know, and takes it for an empty one.
        is_endless = not request.environ.get("wsgi.input_terminated") or request.content_type == "multipart/form-data"
        if request.is_chunked and is_endless:
            return _told(HttpResponse(), NeedsLength("a body in chunks can't be read here: send its Content-Length"))
        response = super().get_response(request)
        fault = request.incoming.raised
        if isinstance(fault, TooManySlow):
            told.count(f"/{request.resolver_match.route}" if request.resolver_match else "an address without a route")
        return response if fault is None or response.status_code == fault.status else _told(response, fault)


def _told(response: HttpResponseBase, fault: BadBody) -> HttpResponseBase:
    response.status_code = fault.status
    for name, value in fault.headers.items():
        response[name] = value
    if isinstance(response, HttpResponse):
        response["Content-Type"] = "text/plain; charset=utf-8"
        response.content = f"{fault}\n".encode()
        response["Content-Length"] = str(len(response.content))
    return response
