"""The programs that make up labelcrowd on one machine."""

import os
import socket
import sys
from dataclasses import replace

from django.conf import settings

from labelcrowd.supervisor import Program, answers

WEB_PROCESSES = 2
WEB_THREADS = 4  # in each: requests wait mostly for the database


class PortTaken(Exception):
    """Another program listens there."""


def all_of(*, host: str, port: int) -> list[Program]:
    """Return web, worker and scheduler; raise `PortTaken` with a sentence if the port can't be had."""
    if not 1 <= port <= 65535:
        raise PortTaken(f"{port} is not a port: it should be from 1 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise PortTaken(f"{host!r} is not a host of this machine ({error.strerror})") from None
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortTaken(
                f"port {port} of {host} can't be used ({error.strerror}): choose another with PORT=…"
            ) from None
    return [replace(each, env=links(host, port)) for each in (_web(host, port), _worker(), _scheduler())]


def links(host: str, port: int) -> dict[str, str]:
    """Return what has links in mails lead to this address: nothing where a setting says where they lead."""
    said = "LABELCROWD_URL" in os.environ or settings.HOSTS
    return {} if said else {"LABELCROWD_URL": f"http://{address(host, port)}"}


def address(host: str, port: int) -> str:
    """Write host and port as an address has them.

    >>> address("127.0.0.1", 8000), address("::1", 8000)
    ('127.0.0.1:8000', '[::1]:8000')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def manage(*arguments: str) -> list[str]:
    """Return the command line of one of our own commands."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _web(host: str, port: int) -> Program:
    gunicorn = [
        sys.executable, "-m", "gunicorn", "labelcrowd.wsgi", "--bind", address(host, port),
        "--workers", str(WEB_PROCESSES), "--worker-class", "labelcrowd.heads.Worker", "--threads", str(WEB_THREADS),
        "--log-level", "warning", "--keep-alive", "30", "--preload",
    ]  # fmt: skip
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where "everywhere" is asked from here
    return Program("web", gunicorn, is_ready=answers(f"http://{address(here, port)}/healthz"))


def _worker() -> Program:
    return Program("worker", [sys.executable, "-m", "labelcrowd.worker", "--threads", "4"])


def _scheduler() -> Program:
    return Program("scheduler", manage("schedule"))
