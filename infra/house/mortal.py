"""The web application in a process of its own, each request in a fork of it that can be killed at any line of it.

with mortal(Watch(("apps/turkapi/",))) as service:
    service.port    # a request with the header `X-Strike: 0.5` is killed, half-way through what no other was killed at
    service.known    # the lines of each operation

What is killed answers nothing, and its connection is closed, as of a process that `kill -9` befalls. The number goes
from 0 to 1; below 0 the request is answered, and its lines are known from then on. With `X-Strike: first` it is killed
at the first line that no other was killed at, if it comes to one.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from infra.house.striking import ROOT, Countdown, Known, Watch, all_known, forked

STRIKE, FIRST = "X-Strike", "first"
PATIENCE = 120  # seconds
Environ = dict[str, Any]


@dataclass
class Service:
    """Where it answers, and what is known of its operations."""

    port: int
    known: dict[str, Known]

    def listen(self, told: Iterable[str]) -> None:
        """Take in what it tells, to its end."""
        for line in told:
            _note(self.known, json.loads(line))


@contextlib.contextmanager
def mortal(watch: Watch, *, environment: dict[str, str] | None = None) -> Iterator[Service]:
    """Start the service; end it in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.house.mortal", watch.written()],
        cwd=ROOT, env=os.environ | (environment or {}), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    service = Service(int(process.stdout.readline()), all_known(watch))
    thread = threading.Thread(target=service.listen, args=(process.stdout,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        process.terminate()
        process.wait(30)
        thread.join()
        process.stdout.close()


class Quiet(WSGIRequestHandler):
    """Writes no line for a request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's own name
        pass


def main() -> None:
    from labelcrowd.wsgi import application  # noqa: PLC0415  # only the process that forks needs it

    heard, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # for what mails are printed to
    watch = Watch.read(sys.argv[1])
    known = all_known(watch)
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        print(server.server_port, file=heard, flush=True)
        while True:
            connection, client = server.get_request()

            def answer(told: IO[str], connection: Any = connection, client: Any = client) -> None:
                _answer(server, connection, client, watched=lambda environ: _watched(environ, watch, known, told))

            told = forked(answer)
            connection.close()
            if "operation" in told:
                _note(known, told)
                print(json.dumps(told), file=heard, flush=True)


def _answer(server: WSGIServer, connection: Any, client: Any, *, watched: Callable[[Environ], Any]) -> None:
    """Answer one request in the child."""
    signal.alarm(PATIENCE)
    application = server.get_app()

    def traced(environ: Environ, start: Any) -> Any:
        with watched(environ):
            return application(environ, start)

    server.set_app(traced)
    server.finish_request(connection, client)
    server.shutdown_request(connection)


@contextlib.contextmanager
def _watched(environ: Environ, watch: Watch, known: dict[str, Known], told: IO[str]) -> Iterator[None]:
    asked = environ.get("HTTP_X_STRIKE")
    if asked is None:
        yield
        return
    operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    strike = {"fresh": 0} if asked == FIRST else known[operation].strike(float(asked)) if float(asked) >= 0 else {}
    struck, more = known[operation].struck, {"operation": operation, "doomed": bool(strike)}
    with Countdown(watch, told, struck=struck, **strike, **more):
        yield


def _note(known: dict[str, Known], told: dict[str, Any]) -> None:
    known[told["operation"]].note(told, doomed=told["doomed"])


if __name__ == "__main__":
    main()
