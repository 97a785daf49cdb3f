"""Our web processes as they run, gunicorn and all, over the tests' database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection
from machine import V1


@contextmanager
def served(environment: Mapping[str, str], *, processes: int = 1, threads: int = 2) -> Iterator[list[str]]:
    """Serve with so many processes, each at a port of its own, and these settings; yield their addresses."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    ports = [_free_port() for _ in range(processes)]
    servers = [
        subprocess.Popen(
            _server(port, threads), cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": address, **environment}
        )
        for port in ports
    ]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        for url in urls:
            _wait(url)
        yield urls
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _server(port: int, threads: int) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "labelcrowd.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
            "--worker-class", "labelcrowd.heads.Worker", "--threads", str(threads), "--log-level", "error"]  # fmt: skip


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{url}{V1}/me")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start within a minute")
