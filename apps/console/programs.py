"""The programs that make up labelcrowd on one machine."""

import socket
import sys

from django.conf import settings

from labelcrowd.supervisor import Program, answers

WEB_PROCESSES = 2
WEB_THREADS = 4  # in each: requests wait mostly for the database


class PortTaken(Exception):
    """Another program listens there."""


def all_of(*, host: str, port: int) -> list[Program]:
    """Return web, worker and scheduler; raise `PortTaken` with a sentence if the port is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} of {host} can't be used ({error.strerror}): choose another with PORT=…"
            ) from None
    return [_web(host, port), _worker(), _scheduler()]


def manage(*arguments: str) -> list[str]:
    """Return the command line of one of our own commands."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _web(host: str, port: int) -> Program:
    gunicorn = [
        sys.executable, "-m", "gunicorn", "labelcrowd.wsgi", "--bind", f"{host}:{port}",
        "--workers", str(WEB_PROCESSES), "--worker-class", "gthread", "--threads", str(WEB_THREADS),
        "--log-level", "warning", "--keep-alive", "30",
    ]  # fmt: skip
    return Program("web", gunicorn, is_ready=answers(f"http://127.0.0.1:{port}/accounts/login/"))


def _worker() -> Program:
    return Program("worker", [sys.executable, "-m", "labelcrowd.worker", "--threads", "4"])


def _scheduler() -> Program:
    return Program("scheduler", manage("schedule"))
