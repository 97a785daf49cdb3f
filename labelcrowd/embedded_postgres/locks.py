"""Advisory locks on files: the kernel drops them however their holder dies, so no pid is asked whether it lives."""

import fcntl
import os
import time
from pathlib import Path

from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError


def open_lock(path: Path) -> int:
    """Open (or make, 0600) a lock file; the descriptor is shared by forked children and closed in executed ones."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for ourselves alone, or say at once that somebody else has it."""
    return _try(descriptor, fcntl.LOCK_EX)


def try_shared(descriptor: int) -> bool:
    """Take the lock together with others, or say at once that somebody has it alone."""
    return _try(descriptor, fcntl.LOCK_SH)


def wait_shared(descriptor: int, *, seconds: float, what: str) -> None:
    """Take the lock together with others, waiting for whoever has it alone."""
    deadline = time.monotonic() + seconds
    while not try_shared(descriptor):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"{what} was still locked by another process after {seconds:g} s")
        time.sleep(0.05)


def release(descriptor: int) -> None:
    """Give the lock back and keep the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held(path: Path) -> bool:
    """Whether some process holds this lock alone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_shared(descriptor)
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
