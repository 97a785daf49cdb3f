"""A proxy that lies: between a client and a server, over real sockets, it loses, delays and spoils what passes.

with lying("127.0.0.1", 8000, faults=dice) as proxy:
    boto3.client("mturk", endpoint_url=f"{proxy.address}/mturk/")
    ...
    proxy.happened    # how often each fault was dealt out

What to do with a request is asked of `faults`, one name of `FAULTS` for each; only what is posted is spoilt.
"""

import contextlib
import http.client
import json
import random
import socket
import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

Faults = Callable[[], str]
TYPE = "application/x-amz-json-1.1"
SLOW_SECONDS = 0.5
OF_LOST = ("ApproveAssignment", "GetAssignment")
LATER_SECONDS = 2.0  # longer than an impatient client waits
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Request:
    """What a client sent, and how the server answers it, each time it is asked."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    upstream: tuple[str, int]

    def asks(self, *operations: str) -> bool:
        """Return whether it asks an AWS service for one of these operations."""
        target = next((value for name, value in self.headers if name.lower() == "x-amz-target"), "")
        return target.rpartition(".")[2] in operations

    def forward(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Have the server do it; return its answer."""
        method, path, _ = self.line.split(" ", 2)
        server = http.client.HTTPConnection(*self.upstream, timeout=120)
        try:
            server.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers:
                if name.lower() not in ("connection", "keep-alive", "expect"):
                    server.putheader(name, value)
            server.endheaders(self.body)
            answer = server.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            server.close()


class Reset(Exception):
    """The connection ends here, without a word."""


def fine(request: Request) -> bytes:
    return written(*request.forward())


def slow(request: Request) -> bytes:
    whole = written(*request.forward())
    time.sleep(SLOW_SECONDS)
    return whole


def too_late(request: Request) -> bytes:
    whole = written(*request.forward())
    time.sleep(LATER_SECONDS)
    return whole


def reset_before(request: Request) -> bytes:
    raise Reset


def reset_after(request: Request) -> bytes:
    request.forward()
    raise Reset


def failed_before(request: Request) -> bytes:
    return said(500, "ServiceFault", "try again later")


def failed_after(request: Request) -> bytes:
    request.forward()
    return said(500, "ServiceFault", "try again later")


def unavailable(request: Request) -> bytes:
    return written(503, [("Content-Type", "text/html")], b"<html>503</html>")


def throttled(request: Request) -> bytes:
    return said(400, "ThrottlingException", "Rate exceeded")


def a_page(request: Request) -> bytes:
    """A 200 of something in between, which asks to log in: the server never gets the request."""
    return written(200, [("Content-Type", "text/html")], b"<html>Please log in</html>")


def nothing(request: Request) -> bytes:
    """A 200 without a body, of a request that the server never gets."""
    return written(200, [("Content-Type", TYPE), ("x-amzn-RequestId", "proxy")], b"")


def no_object(request: Request) -> bytes:
    """A 200 that is JSON and no answer, of a request that the server never gets."""
    return written(200, [("Content-Type", TYPE), ("x-amzn-RequestId", "proxy")], b"[]")


def cut_off(request: Request) -> bytes:
    """A 200 whose body ends half-way, and whose length says so: what botocore takes for JSON, or for a success."""
    status, headers, body = request.forward()
    return written(status, headers, body[: len(body) // 2])


def emptied(request: Request) -> bytes:
    """A 200 with nothing in it, which reads like a success whose parts are missing."""
    status, headers, _ = request.forward()
    return written(status, headers, b"{}")


def torn(request: Request) -> bytes:
    """A body that ends before its length says, and the connection with it."""
    return written(*request.forward())[:-3]


def twice(request: Request) -> bytes:
    """The server gets it two times at once; but for a message to workers, which has no token and would go out twice."""
    if request.asks("NotifyWorkers"):
        return fine(request)
    with ThreadPoolExecutor(2) as both:
        answer, _ = [each.result() for each in [both.submit(request.forward) for _ in range(2)]]
    return written(*answer)


def lost(request: Request) -> bytes:
    """The market knows no such assignment, whatever the server has."""
    code = "AWS.MechanicalTurk.AssignmentDoesNotExist"
    return said(400, "RequestError", "no such assignment", TurkErrorCode=code)


FALSE: tuple[str, ...] = ("a_page", "nothing", "no_object")
BEFORE: tuple[str, ...] = ("reset_before", "failed_before", "unavailable", "throttled", *FALSE)
AFTER: tuple[str, ...] = ("reset_after", "failed_after", "cut_off", "emptied", "torn", "slow", "too_late", "twice")
FAULTS: dict[str, Callable[[Request], bytes]] = {
    each.__name__: each
    for each in (
        fine, slow, too_late, reset_before, reset_after, failed_before, failed_after, unavailable, throttled, a_page,
        nothing, no_object, cut_off, emptied, torn, twice, lost,
    )
}  # fmt: skip


def dice(seed: int, *, share: float, names: Iterable[str] = (*BEFORE, *AFTER)) -> Faults:
    """Return faults that befall this share of what is posted, each of them equally often, the same for a seed."""
    thrown, among, lock = random.Random(seed), sorted(names), threading.Lock()

    def deal() -> str:
        with lock:
            return thrown.choice(among) if thrown.random() < share else "fine"

    return deal


@dataclass
class Lying:
    """A proxy at work: where it answers, and what it did."""

    address: str
    upstream: tuple[str, int]  # the server; another one from the next request on
    faults: Faults
    happened: Counter[str] = field(default_factory=Counter)
    lost: set[str] = field(default_factory=set)  # assignments that are not approved, nor told of
    befalls: tuple[str, ...] = ()  # the operations that are spoilt; all, where none is named
    unanswered: int = 0  # so often the server ended a connection without a word
    added: Callable[[Request], Iterable[tuple[str, str]]] = lambda request: ()  # headers that the server gets besides

    def fault_of(self, request: Request) -> str:
        """Return what befalls a request."""
        if any(name.encode() in request.body for name in self.lost) and request.asks(*OF_LOST):
            return "lost"
        is_spoilt = request.asks(*self.befalls) if self.befalls else request.line.startswith("POST")
        return self.faults() if is_spoilt else "fine"


@contextlib.contextmanager
def lying(host: str, port: int, *, faults: Faults, at: str = "127.0.0.1") -> Iterator[Lying]:
    """Stand before a server; `faults` may be changed while it runs."""
    with Server((at, 0), Handler) as server:
        server.proxy = Lying(f"http://{at}:{server.server_address[1]}", (host, port), faults)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.proxy
        finally:
            server.shutdown()
            thread.join()


class Server(socketserver.ThreadingTCPServer):
    """The proxy's socket."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    proxy: Lying


class Handler(socketserver.StreamRequestHandler):
    """One request of one connection; the client is told to make another for the next."""

    server: Server

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, http.client.HTTPException):
            request = self._read()
            if request is None:
                return
            name = self.server.proxy.fault_of(request)
            self.server.proxy.happened[name] += 1
            request.headers += self.server.proxy.added(request)
            try:
                self.wfile.write(FAULTS[name](request))
            except http.client.RemoteDisconnected:
                self.server.proxy.unanswered += 1
            except Reset:
                # Nothing lingers: what the client gets is a reset, not an end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

    def _read(self) -> Request | None:
        line = self.rfile.readline(65_537).decode("latin-1").strip()
        if not line:
            return None
        headers = [(name, str(value)) for name, value in http.client.parse_headers(self.rfile).items()]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        return Request(line, headers, self.rfile.read(length), self.server.proxy.upstream)


def written(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Return an answer as it goes over the wire, of the body's own length."""
    kept = [(name, value) for name, value in headers if name.lower() not in HOP]
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in (*kept, ("Content-Length", len(body)), ("Connection", "close"))]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def said(status: int, kind: str, sentence: str, **more: str) -> bytes:
    body = json.dumps({"__type": kind, "Message": sentence, "message": sentence, **more}).encode()
    return written(status, [("Content-Type", TYPE), ("x-amzn-RequestId", "proxy")], body)
