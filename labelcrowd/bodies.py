"""Bodies of requests: whole or refused, in chunks too, and read from nobody who keeps a thread waiting for them.

gunicorn hands on what came of a body as if it were all (benoitc/gunicorn#3234), and Django takes a body without a
length, sent in chunks, for none (ticket 35838). So this is what all views read from.
"""

import io
import socket
import time
from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from gunicorn.http.errors import ParseException

from labelcrowd.faults import BadBody, CutShort, NeedsLength, TooManySlow
from labelcrowd.waiting import PIECE, Awaited, hear_no_more, told, watch


class Incoming(io.RawIOBase, Awaited):
    """A body as it comes in: it ends with its last byte, and where it ends before, it raises `BadBody`."""

    def __init__(self, environ: Mapping[str, Any], *, length: int | None) -> None:
        super().__init__()
        self.source = environ["wsgi.input"]
        self.left = length  # None: in chunks, whose server tells the end
        self.told = length
        self.raised: BadBody | None = None
        self._ended: BadBody | None = None
        self._socket: socket.socket | None = environ.get("gunicorn.socket")
        self.address: str = environ.get("REMOTE_ADDR", "")
        self.began = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), PIECE) if self.left is None else min(len(buffer), PIECE, self.left)
        if size == 0 or self.raised is not None:
            return 0
        try:
            found = self._read(size)
        except (OSError, ParseException) as error:  # a chunk that is none, or ends early; or the connection was reset
            raise self._fault(f"the body ended early, or is in no chunks: {error or type(error).__name__}") from None
        if self._ended is not None or (self.left is not None and len(found) < size):
            got = (self.told or 0) - (self.left or 0) + len(found)
            raise self._fault(f"the body ended early: {got:,} bytes of {self.told or 0:,} came")
        buffer[: len(found)] = found
        if self.left is not None:
            self.left -= len(found)
        return len(found)

    def _read(self, size: int) -> bytes:
        """Read so much; what was ended is a body that ends early."""
        found = b""
        watch.begin(self)
        try:
            found = bytes(self.source.read(size))
        finally:
            watch.over(self, came=len(found))
        return found

    def end(self, fault: BadBody) -> None:
        self._ended = self._ended or fault
        if self._socket is not None:
            hear_no_more(self._socket)

    def _fault(self, said: str) -> BadBody:
        self.raised = self._ended or CutShort(f"{said}; nothing was done, send it again")
        self.source.failed = True  # by which gunicorn closes the line: what comes next on it is no request
        return self.raised


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
