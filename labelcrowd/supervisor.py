"""Several programs under one parent: web, worker and scheduler of one machine, started, kept, and ended together.

    run([Program("web", [...], is_ready=answers("http://127.0.0.1:8000/healthz")), Program("worker", [...])])

`run` owns its process: call it from the main thread, with no other thread that starts programs.
"""

import enum
import os
import selectors
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from labelcrowd.process import Watchman, die_with_parent, reap_orphans, signal_group

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# A program that ran this long is taken to have started well: its next crash begins with the first pause again.
STEADY_SECONDS = 30.0
MOST_FAILED_STARTS = 5
_LOOK_SECONDS = 0.25
_KILL_SECONDS = 2.0
_LONGEST_LINE = 65536
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AtEnd(enum.Enum):
    """What follows when a program ends by itself."""

    START_AGAIN = enum.auto()
    NOTHING = enum.auto()
    STOP_ALL = enum.auto()


@dataclass(frozen=True)
class Program:
    """One program: `env` is added to our environment; `waits` starts it only when the others are ready.

    `is_ready` must answer quickly; without it a program is ready once started. `plain` leaves its output as it is (for
    progress bars) where others' lines get the program's name in front.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] | None = None
    at_end: AtEnd = AtEnd.START_AGAIN
    waits: bool = False
    plain: bool = False


def run(programs: Sequence[Program], *, on_ready: Callable[[], None] | None = None, grace_seconds: float = 10.0) -> int:
    """Run programs until SIGINT, SIGTERM or SIGHUP, or until one with STOP_ALL ends; return the exit status.

    A crashed program is started again, after a pause that doubles from 1 to 30 s; one that fails 5 times and never did
    well ends all. Ending is SIGTERM to the whole process group of each, and SIGKILL after the grace, which a second
    signal cuts short. `on_ready` is called once all are ready. Nothing outlives us, though we be killed by SIGKILL.
    """
    return _Supervisor(programs, on_ready, grace_seconds).run()


def answers(url: str) -> Callable[[], bool]:
    """Return a check that an address answers with a status below 500."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return refusal.code < 500
        except OSError:
            return False

    return ask


class _Child:
    """A program's current process, if any, and when it is due again."""

    def __init__(self, program: Program, watchman: Watchman) -> None:
        self.program = program
        self.watchman = watchman
        self.process: subprocess.Popen[bytes] | None = None
        self.group: int | None = None
        self.is_ready = False
        self.is_over = False
        self.did_well = False
        self.failed_starts = 0
        self.started_at = 0.0
        self.due_at = 0.0

    def start(self) -> IO[bytes] | None:
        """Start the process in a group of its own and return its output to be read."""
        self.signal(signal.SIGKILL)  # what a dead leader left behind may hold its port
        self.process = subprocess.Popen(
            list(self.program.argv),
            env={**os.environ, **self.program.env},
            stdin=subprocess.DEVNULL,
            stdout=None if self.program.plain else subprocess.PIPE,
            stderr=None if self.program.plain else subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self.group = self.process.pid
        self.watchman.watch(self.group)
        self.started_at = time.monotonic()
        self.is_ready = self.program.is_ready is None
        return self.process.stdout

    def look(self) -> int | None:
        """Return the exit status if the process has ended, else find out whether it does well."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        if not self.is_ready and self.program.is_ready is not None:
            self.is_ready = self.did_well = self.program.is_ready()
        if time.monotonic() - self.started_at >= STEADY_SECONDS:
            self.did_well, self.failed_starts = True, 0
        return None

    def signal(self, number: int) -> None:
        """Send a signal to all that is left of the group."""
        if self.is_left() and self.group is not None:
            signal_group(self.group, number)

    def is_left(self) -> bool:
        """Whether the process, or another of its group, is still there."""
        if self.process is not None and self.process.poll() is None:
            return True
        if self.group is not None and not signal_group(self.group, 0):
            self.watchman.forget(self.group)
            self.group = None
        return self.group is not None


class _Supervisor:
    def __init__(self, programs: Sequence[Program], on_ready: Callable[[], None] | None, grace_seconds: float) -> None:
        self.watchman = Watchman(grace_seconds)
        self.children = [_Child(program, self.watchman) for program in programs]
        self.on_ready = on_ready
        self.grace_seconds = grace_seconds
        self.output = _Output(max((len(program.name) for program in programs), default=0))
        self.signals = 0
        self.status: int | None = None

    def run(self) -> int:
        wanted = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup asks
        before = {number: signal.signal(number, self._on_signal) for number in (*wanted, signal.SIGCHLD)}
        signal.set_wakeup_fd(self.output.wake_up)
        try:
            while self.status is None:
                self._start_due()
                self._look()
                self.output.read(_LOOK_SECONDS)
                if self.output.is_broken:
                    self.status = 1
                if self.signals:
                    self.status = 0
        finally:
            self._end_all()
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            self.watchman.dismiss()
            self.output.close()
        return self.status

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.signals += number in _ENDING

    def _start_due(self) -> None:
        others_are_ready = all(child.is_ready or child.is_over for child in self.children if not child.program.waits)
        for child in self.children:
            waits = child.program.waits and not others_are_ready
            if child.process is None and not child.is_over and not waits and child.due_at <= time.monotonic():
                self._start(child)

    def _start(self, child: _Child) -> None:
        try:
            output = child.start()
        except OSError as error:
            self.output.say(child.program.name, f"cannot be started: {child.program.argv[0]}: {error.strerror}")
            self.status = 1
            return
        if output is not None:
            self.output.follow(child.program.name, output)

    def _look(self) -> None:
        """Notice who ended and who became ready."""
        for child in self.children:
            status = child.look()
            if status is not None:
                self._ended(child, status)
        reap_orphans({child.process.pid for child in self.children if child.process})
        if self.on_ready and self.status is None and all(child.is_ready or child.is_over for child in self.children):
            call, self.on_ready = self.on_ready, None
            call()

    def _ended(self, child: _Child, status: int) -> None:
        child.process, child.is_ready = None, False
        child.signal(signal.SIGTERM)
        if child.program.at_end is AtEnd.STOP_ALL:
            self.status = status if status >= 0 else 128 - status
        elif child.program.at_end is AtEnd.NOTHING:
            child.is_over = True
        else:
            self._again_later(child, status)

    def _again_later(self, child: _Child, status: int) -> None:
        child.failed_starts += 1
        if child.failed_starts == MOST_FAILED_STARTS and not child.did_well:
            self.output.say(child.program.name, f"ended with status {status} on each of {child.failed_starts} starts")
            self.status = 1
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (child.failed_starts - 1), LONGEST_PAUSE_SECONDS)
        child.due_at = time.monotonic() + pause
        self.output.say(child.program.name, f"ended with status {status}; starting it again in {pause:g} s")

    def _end_all(self) -> None:
        signals_before = self.signals
        for child in self.children:
            child.signal(signal.SIGTERM)
        self._wait_for_all(self.grace_seconds, lambda: self.signals > signals_before)
        for child in self.children:
            child.signal(signal.SIGKILL)
        self._wait_for_all(_KILL_SECONDS, lambda: False)

    def _wait_for_all(self, seconds: float, is_hurried: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while any([child.is_left() for child in self.children]) and time.monotonic() < deadline and not is_hurried():
            reap_orphans({child.process.pid for child in self.children if child.process})
            self.output.read(0.05)
        self.output.read(0)


class _Output:
    """The children's lines, each with its program's name in front, to our own output."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.is_broken = False
        self.selector = selectors.DefaultSelector()
        heard, self.wake_up = os.pipe()
        for end in (heard, self.wake_up):
            os.set_blocking(end, False)
        self.signals = os.fdopen(heard, "rb", buffering=0)
        self.selector.register(self.signals, selectors.EVENT_READ)

    def follow(self, name: str, output: IO[bytes]) -> None:
        """Pass on what a child says until it says no more."""
        os.set_blocking(output.fileno(), False)
        self.selector.register(output, selectors.EVENT_READ, [name, b"", output])

    def read(self, seconds: float) -> None:
        """Wait for output or a signal, at most so long, and pass on whole lines."""
        for key, _ in self.selector.select(seconds):
            said = os.read(key.fd, 65536)
            if key.data is None:
                continue
            name, begun, _ = key.data
            *lines, key.data[1] = (begun + said).split(b"\n")
            if not said or len(key.data[1]) > _LONGEST_LINE:
                lines, key.data[1] = [*lines, key.data[1]] if key.data[1] else lines, b""
            for line in lines:
                self.say(name, line.decode(errors="replace"))
            if not said:
                self.selector.unregister(key.fileobj)
                key.data[2].close()

    def say(self, name: str, line: str) -> None:
        """Print a line; once nobody reads ours any more, drop it."""
        if self.is_broken:
            return
        try:
            print(f"{name:{self.width}} | {line}", flush=True)  # noqa: T201 - the terminal is where this belongs
        except BrokenPipeError:
            self.is_broken = True

    def close(self) -> None:
        """Close all that is still open."""
        followed = [key.data for key in self.selector.get_map().values() if key.data]
        self.selector.close()
        for _, _, output in followed:
            output.close()
        self.signals.close()
        os.close(self.wake_up)
