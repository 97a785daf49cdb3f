"""The guardian: a small process that owns one server as its child, and outlives whoever started it.

It reaps the server, brings it back when it crashes, and stops it when no process holds the users' lock any more: a
lock that the kernel drops at every kind of death, so a killed client leaves nothing running. Should the guardian itself
be killed, the kernel tells the server to shut down (Linux).
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from labelcrowd.embedded_postgres import cluster, locks
from labelcrowd.embedded_postgres.account import server_account
from labelcrowd.embedded_postgres.binaries import Binaries, reachable
from labelcrowd.embedded_postgres.cluster import Wishes
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError
from labelcrowd.embedded_postgres.folders import (
    PORT,
    STORE,
    DataRoot,
    Home,
    choose_home,
    choose_socket_folder,
    make_store,
)
from labelcrowd.embedded_postgres.probe import Answer, ask
from labelcrowd.process import adopt_orphans, die_with_parent, kill_children, reap_orphans

IDLE_SECONDS = 3.0
LOOK_SECONDS = 0.25
SHUTDOWN_SECONDS = 600.0
BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)
LOCKED = 3
_HOPELESS = 4
_LARGEST_LOG = 1_000_000


def guard(root: DataRoot, wheel: Binaries, wishes: Wishes, *, foreground: bool) -> int:
    """Run the server of a data root until nobody uses it, or until told to stop. Return the exit status.

    Not in the foreground, this returns in the calling process as soon as the lock is held and the rest runs detached.
    """
    guard_lock = locks.open_lock(root.guard_lock)
    deadline = time.monotonic() + 1
    # Whoever looks whether a guardian lives holds the lock for an instant.
    while not locks.try_exclusive(guard_lock):
        if time.monotonic() > deadline:
            return LOCKED
        time.sleep(0.02)
    root.failure.unlink(missing_ok=True)
    _forget_requests(root)
    if not foreground and os.fork():
        return 0
    os.umask(0o077)
    try:
        Guardian(root, wheel, wishes, foreground=foreground).run()
    except (EmbeddedPostgresError, OSError) as error:
        _tell(str(error))
        if root.path.exists():
            root.failure.write_text(str(error))
        return 1
    return 0


class Guardian:
    """One server and the decisions about it."""

    def __init__(self, root: DataRoot, wheel: Binaries, wishes: Wishes, *, foreground: bool) -> None:
        self.root = root
        self.wishes = wishes
        self.foreground = foreground
        self.account = server_account()
        self.binaries = reachable(wheel, self.account, store=make_store() if self.account.is_other else STORE)
        self.home = choose_home(root, self.account)
        self.users_lock = locks.open_lock(root.users_lock)
        self.idle_since: float | None = None
        self.told_to_stop = False
        self.was_ready = self.ever_ready = False
        self.at_once = wishes.throw_away
        self.wake_up = _wake_up_on_signals(self._on_signal)

    def run(self) -> None:
        """Start the server and stay with it."""
        before = Path(self.root.address.read_text()) if self.root.address.exists() else None
        self.socket_folder = choose_socket_folder(self.home, self.account, before=before)
        cluster.prepare(self.home, self.binaries, self.account, self.socket_folder, self.wishes)
        self._end_orphan()
        self.root.address.write_text(str(self.socket_folder))
        adopt_orphans()
        server = self._start()
        failures = 0
        while not self._should_stop():
            if server.poll() is None:
                if not self.was_ready and self._is_ready(server):
                    self.was_ready = self.ever_ready = True
                    failures = 0
                self._sleep(LOOK_SECONDS)
                reap_orphans({server.pid})
                continue
            failures += 1
            kill_children()  # what a killed postmaster left holds the shared memory that the next one needs
            self._give_up_if_hopeless(server, failures)
            _tell(f"the server ended with status {server.returncode}; starting it again")
            self.was_ready = False
            if not self._pause(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]):
                break
            server = self._start()
        self._shut_down(server)
        self._clean_up()

    def _start(self) -> "subprocess.Popen[bytes]":
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.socket_folder / name).unlink(missing_ok=True)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        stale = _recorded_pid(self.home)
        if stale:
            # PostgreSQL believes a pid file whose pid lives, whoever has that pid now, unless it is its grandparent's.
            # We hold the guard's lock and the socket is silent, so it is stale; the check of shared memory stands.
            environment["PG_GRANDPARENT_PID"] = str(stale)
        return subprocess.Popen(
            cluster.command(self.home, self.binaries),
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            preexec_fn=die_with_parent(signal.SIGINT),
            process_group=0,
            **self.account.switch(),
        )

    def _end_orphan(self) -> None:
        """Stop a server that outlived its killed guardian, where the kernel did not."""
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while ask(self.binaries, self.socket_folder) is not Answer.NOTHING and time.monotonic() < deadline:
            stop: list[str | Path] = [
                self.binaries.program("pg_ctl"),
                "stop",
                "-D",
                self.home.data,
                "-m",
                "fast",
                "-w",
                "-t",
                "60",
            ]
            subprocess.run(stop, check=False, cwd="/", **self.account.switch())
            time.sleep(0.1)

    def _is_ready(self, server: "subprocess.Popen[bytes]") -> bool:
        """Whether our own child says so in its pid file; clients find out by connecting."""
        lines = _lines_of_pid_file(self.home)
        return len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready"

    def _give_up_if_hopeless(self, server: "subprocess.Popen[bytes]", failures: int) -> None:
        """Raise when the server never came up under us; one that did is brought back as long as somebody needs it."""
        said = _last_words(self.root.guard_log)
        if not self.ever_ready and failures >= _HOPELESS and "still in use" not in said:
            raise EmbeddedPostgresError(
                f"the server ended with status {server.returncode} on each of {failures} starts: "
                f"{said} (see also {self.home.log})"
            )

    def _should_stop(self) -> bool:
        if self.told_to_stop:
            return True
        if self.root.stop_at_once_request.exists():
            self.at_once = True
            return True
        if self.root.stop_request.exists():
            return True
        if os.fstat(self.users_lock).st_nlink == 0:
            _tell("the data root was deleted")
            self.at_once = True
            return True
        return not self.foreground and self._nobody_is_left()

    def _nobody_is_left(self) -> bool:
        """Whether nobody has held the users' lock for a while; if so we hold it alone until we are gone."""
        if not locks.try_exclusive(self.users_lock):
            self.idle_since = None
            return False
        now = time.monotonic()
        self.idle_since = self.idle_since or now
        touched = time.time() - os.fstat(self.users_lock).st_mtime
        if now - self.idle_since >= IDLE_SECONDS and not 0 <= touched < IDLE_SECONDS:
            return True
        locks.release(self.users_lock)
        return False

    def _shut_down(self, server: "subprocess.Popen[bytes]") -> None:
        if server.poll() is not None:
            return
        server.send_signal(signal.SIGQUIT if self.at_once else signal.SIGINT)
        try:
            server.wait(SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    def _clean_up(self) -> None:
        if self.socket_folder != self.home.socket:
            shutil.rmtree(self.socket_folder, ignore_errors=True)
        if self.wishes.throw_away:
            shutil.rmtree(self.home.path, ignore_errors=True)
            shutil.rmtree(self.root.path, ignore_errors=True)
            return
        self.root.address.unlink(missing_ok=True)
        _forget_requests(self.root)
        if self.root.guard_log.exists() and self.root.guard_log.stat().st_size > _LARGEST_LOG:
            self.root.guard_log.replace(self.root.guard_log.with_suffix(".log.1"))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.told_to_stop = self.told_to_stop or number != signal.SIGCHLD

    def _pause(self, seconds: float) -> bool:
        """Wait, and say whether to go on."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._should_stop():
                return False
            self._sleep(min(left, LOOK_SECONDS))
        return True

    def _sleep(self, seconds: float) -> None:
        ready, _, _ = select.select([self.wake_up], [], [], seconds)
        if ready:
            os.read(self.wake_up, 1024)


def _wake_up_on_signals(handler: Callable[[int, FrameType | None], None]) -> int:
    """Install the handler and return a descriptor that becomes readable with each signal."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, handler)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return read_end


def _forget_requests(root: DataRoot) -> None:
    root.stop_request.unlink(missing_ok=True)
    root.stop_at_once_request.unlink(missing_ok=True)


def _recorded_pid(home: Home) -> int | None:
    lines = _lines_of_pid_file(home)
    return abs(int(lines[0])) if lines and lines[0].strip().lstrip("-").isdigit() else None


def _lines_of_pid_file(home: Home) -> list[str]:
    try:
        return (home.data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace")[-4000:].splitlines() if log.exists() else []
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    return (grave or lines or ["it said nothing"])[-1].strip()


def _tell(text: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, file=sys.stderr, flush=True)
