"""An external PostgreSQL of one's own: Debian's, in a temporary folder, on a free port, durable as by default."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 120


class NoServer(Exception):
    """This machine has no PostgreSQL of its own."""


class Postgres:
    """A server that can be stopped, killed and started."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self.password = folder, port, secrets.token_hex(16)
        self.programs = _programs()
        self.process: subprocess.Popen[bytes] | None = None
        self.user = {"user": "postgres"} if os.getuid() == 0 else {}
        if self.user:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        key = folder / "key"
        key.write_text(self.password)
        if self.user:
            os.chown(key, pwd.getpwnam("postgres").pw_uid, -1)
        subprocess.run(
            [
                self.programs / "initdb",
                "-D",
                folder / "data",
                "-U",
                "lc",
                "-A",
                "scram-sha-256",
                "--pwfile",
                key,
                "--locale=C.UTF-8",
                "--encoding=UTF8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **self.user,
        )

    @property
    def url(self) -> str:
        return f"postgres://lc:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.programs / "postgres",
                    "-D",
                    self.folder / "data",
                    "-p",
                    str(self.port),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    f"unix_socket_directories={self.folder}",
                    "-c",
                    "max_connections=200",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self.user,
            )
        end = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to end, without waiting for its sessions."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()

    def kill(self) -> None:
        """Kill the postmaster; its children, which hold the memory that the next one needs, notice within a second."""
        if self.process:
            self.process.kill()
            self.process.wait()
            time.sleep(1)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Make and start a server; remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="labelcrowd-postgres-"))
    server = None
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = Postgres(folder, port)
        server.start()
        yield server
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise NoServer("this machine has no PostgreSQL of its own: install Debian's package postgresql")
    return found[-1].parent
