"""What a parent owes its child processes: that they are reaped, and that they do not outlive it."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Container
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None)


def die_with_parent(number: int) -> Callable[[], None] | None:
    """Return a preexec_fn that has the kernel send a signal when the parent's thread dies; None where it cannot.

    A change of user clears the wish; subprocess changes the user before it calls the function.
    """
    if sys.platform != "linux":
        return None

    def wish() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return wish


def adopt_orphans() -> None:
    """From now on, have what our children leave behind become our children, and not the machine's first process's."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_children() -> None:
    """Kill and reap every child of ours, adopted or not; does nothing where /proc does not tell who they are."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for child in children.read_text().split() if children.exists() else []:
        os.kill(int(child), signal.SIGKILL)
        os.waitpid(int(child), 0)


def reap_orphans(ours: Container[int]) -> None:
    """Reap dead children that we did not start: as a container's first process, one inherits every orphan in it."""
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None or dead.si_pid in ours:
            return
        os.waitpid(dead.si_pid, 0)


class Watchman:
    """A forked process that ends our process groups, should we die without ending them ourselves."""

    def __init__(self, grace_seconds: float) -> None:
        heard, self._told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._told)
            _watch(heard, grace_seconds)
        os.close(heard)

    def watch(self, group: int) -> None:
        """End this group if we die."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """Leave this group alone: it is gone and its number may become another's."""
        self._tell(f"-{group}")

    def dismiss(self) -> None:
        """Let the watchman go without ending anything."""
        self._tell(".")
        os.close(self._told)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            return  # it was killed, and reaped with the orphans

    def _tell(self, word: str) -> None:
        try:
            os.write(self._told, f"{word}\n".encode())
        except BrokenPipeError:
            return  # it was killed; on Linux the kernel still ends the children


def _watch(heard: int, grace_seconds: float) -> None:
    """Listen until the other end is closed by a word or by death. Never returns."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.closerange(3, heard)
        os.closerange(heard + 1, os.sysconf("SC_OPEN_MAX"))
        groups: set[int] = set()
        with os.fdopen(heard, encoding="ascii") as words:
            for word in words:
                if word.startswith("."):
                    return
                (groups.add if word[0] == "+" else groups.discard)(int(word[1:]))
        _end(groups, grace_seconds)
    finally:
        os._exit(0)


def _end(groups: set[int], grace_seconds: float) -> None:
    """Ask every group to end, wait for them, and then insist."""
    deadline = time.monotonic() + grace_seconds
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    """Send a signal (0: none) to a process group; return whether anybody of it is there."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS refuses when only zombies are left
        return False
    return True
