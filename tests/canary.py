"""A server on loopback that notes who came to it: where requests to the outside end in tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Canary(BaseHTTPRequestHandler):
    """A server that notes who came, and answers as its path says."""

    seen: list[tuple[str, str, bytes]]

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.path, self.headers["Host"], self.rfile.read(length)))
        self.server.headers_seen.append(dict(self.headers))
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        if self.path == "/hang":
            self.server.let_go.wait(30)
        if self.path == "/drip-head":
            self.drip(b"HTTP/1.1 200 OK\r\nX-Long: ")
            return
        self.send_response(410 if self.path == "/410" else 200)
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(b"secret" * 100_000)
        elif self.path == "/drip":
            self.drip(b"")
        else:
            self.wfile.write(b"hello")

    do_POST = do_GET

    def do_HEAD(self):
        """Answer with the status and the headers that the address asks for, as in /404?Content-Type=text/plain."""
        path, _, asked = self.path.partition("?")
        self.server.seen.append((self.path, self.headers["Host"], b""))
        if path == "/hang":
            self.server.let_go.wait(30)
        self.send_response(int(path[1:]) if path[1:].isdigit() else 200)
        for name, value in parse_qsl(asked):
            self.send_header(name, value)
        self.end_headers()

    def drip(self, first):
        self.wfile.write(first)
        for _ in range(50):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass


@contextmanager
def canary() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    server.seen, server.headers_seen, server.let_go = [], [], threading.Event()  # until then "/hang" does not answer
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
