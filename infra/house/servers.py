"""labelcrowd's own processes in a house of their own: those that `make serve` runs, with the same arguments.

with house() as home:
    home.start("web")
    home.start("worker")
    home.wait_until_ready()
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from apps.console import programs
from apps.console.database import address
from infra.house import processes
from infra.house.ground import ROOT
from labelcrowd.embedded_postgres import archive, remove
from labelcrowd.process import die_with_parent, signal_group
from labelcrowd.supervisor import Program, answers

PATIENCE_SECONDS = 300  # on a very busy machine


@dataclass
class House:
    """Where it lives, and what runs in it by name: `web`, `worker`, `scheduler`; `web-1` and so on are further ones."""

    folder: Path
    ports: list[int]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    root: Path = ROOT  # of the version that programs are started from

    _known: dict[int, list[Program]] = field(default_factory=dict)

    @property
    def addresses(self) -> list[str]:
        """Where the web servers answer, running or not."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self, name: str) -> None:
        """Start a program, as `make serve` would."""
        if not self._known:
            self._known = {n: programs.all_of(host="127.0.0.1", port=port) for n, port in enumerate(self.ports)}
        kind, _, number = name.partition("-")
        known = {each.name: each for each in self._known[int(number or 0)]}
        python, *arguments = known[kind].argv
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [python, *(part.replace(str(ROOT), str(self.root)) for part in arguments)],
                cwd=self.root,
                env={**os.environ, "PYTHONPATH": str(self.root)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def wait_until_ready(self) -> None:
        """Wait until every web server answers."""
        end = time.monotonic() + PATIENCE_SECONDS
        for name in [name for name in self.running if name.startswith("web")]:
            ask = answers(f"{self.addresses[int(name.partition('-')[2] or 0)]}/accounts/login/")
            while not ask():
                if time.monotonic() > end or self.running[name].poll() is not None:
                    raise RuntimeError(f"{name} does not answer:\n{self.log(name)}")
                time.sleep(0.1)

    def log(self, name: str) -> str:
        """Return the last of what a program said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def pids(self, *names: str) -> set[int]:
        """Return the processes of these programs, of all if none is named."""
        return processes.below(self.running[name].pid for name in names or self.running)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to all processes of a program."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, number)

    def kill(self, name: str) -> None:
        """Kill all processes of a program at once, as nothing can catch, and wait until none is left."""
        self.signal(name, signal.SIGKILL)
        killed = self.running.pop(name)
        killed.wait()
        while signal_group(killed.pid, 0):
            time.sleep(0.02)

    def replace(self, name: str) -> None:
        """Ask a program to finish what it does and end; start it again."""
        ending = self.running.pop(name)
        ending.terminate()
        ending.wait()
        self.start(name)

    def mend(self) -> list[str]:
        """Start again what ended by itself, as the supervisor would; return its names."""
        ended = [name for name, each in self.running.items() if each.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def end(self) -> None:
        """Ask all to end, then insist."""
        for name in self.running:
            self.signal(name, signal.SIGCONT)
            self.signal(name, signal.SIGTERM)
        for name, each in self.running.items():
            try:
                each.wait(15)
            except subprocess.TimeoutExpired:
                self.signal(name, signal.SIGKILL)
                each.wait()


@contextlib.contextmanager
def house(*, webs: int = 1, migrated: bool = True) -> Iterator[House]:
    """Migrate the database that Django was set up on, and yield a house; end and delete everything at the end."""
    home = House(settings.VAR, free_ports(webs))
    try:
        if migrated:
            migrate()
        call_command("collectstatic", verbosity=0, interactive=False)
        yield home
    finally:
        home.end()
        connections.close_all()
        if not settings.DATABASE_URL:
            remove(settings.EMBEDDED_ROOT)
        shutil.rmtree(settings.VAR, ignore_errors=True)


def migrate() -> None:
    """Migrate the database, or restore what migrations have made already: half a minute's work less."""
    if dump := os.environ.get("LABELCROWD_MIGRATED"):
        archive.restore(Path(dump), address())
    call_command("migrate", verbosity=0)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def postgres_pids() -> set[int]:
    """Return the processes of the database server, the embedded one's guardian too; none if it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = processes.read(cursor.fetchone()[0])
    if backend is None:
        return set()
    postmaster = processes.read(backend.parent)
    guardian = postmaster.parent if postmaster else 0
    is_ours = guardian > 1 and b"embedded_postgres" in Path(f"/proc/{guardian}/cmdline").read_bytes()
    return processes.below([guardian if is_ours else backend.parent])
