"""What a process that uses the server calls."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from labelcrowd.embedded_postgres import binaries, guardian, locks
from labelcrowd.embedded_postgres.binaries import Binaries
from labelcrowd.embedded_postgres.cluster import Wishes
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError
from labelcrowd.embedded_postgres.folders import DATABASE, PORT, ROLE, DataRoot, claim, require_own
from labelcrowd.embedded_postgres.probe import Answer, ask

# Crash recovery of a busy server takes minutes.
PATIENCE_SECONDS = 600.0
_MOST_STARTS = 5
_KEPT = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
_CHECKOUT = Path(__file__).resolve().parents[2]

_held: dict[Path, int] = {}


@dataclass(frozen=True)
class Status:
    """How a server is now; `url` when it takes connections, `home` where its data lies if it has any."""

    state: Literal["stopped", "starting", "ready"]
    url: str | None
    home: Path | None


def ensure_running(data_root: Path, *, wishes: Wishes | None = None) -> str:
    """Return the URL of the server kept in data_root, once it takes connections; start it if it does not run.

    From now on this process and its forked children are users of the server: it runs until a few seconds after the
    last of them ended, in whatever way. May be called by many processes and threads at once; all get the same server.
    Raises EmbeddedPostgresError when the server cannot be had, with the reason.
    """
    wheel = binaries.find()
    root = claim(data_root)
    deadline = time.monotonic() + PATIENCE_SECONDS
    _hold_users_lock(root)
    failure_before = _identity(root.failure)
    starts, pause = 0, 0.05
    while True:
        url = _url_if_ready(root, wheel)
        guarded = locks.is_held(root.guard_lock)
        if url and guarded:
            return url
        # A server that answers without a guardian is on its way down: the next guardian waits for its end.
        if not guarded:
            if _identity(root.failure) not in (None, failure_before):
                raise EmbeddedPostgresError(f"PostgreSQL for {root.path} does not start: {root.failure.read_text()}")
            if starts == _MOST_STARTS:
                raise EmbeddedPostgresError(f"PostgreSQL for {root.path} ended {starts} times; see {root.guard_log}")
            starts += 1
            _start_guardian(root, wheel, wishes or Wishes())
        elif time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"PostgreSQL for {root.path} took no connection for {PATIENCE_SECONDS:g} s; see {root.guard_log}"
            )
        else:
            time.sleep(pause)
            pause = min(1.2 * pause, 1.0)  # the server's log has a line for each knock during a recovery


def stop(data_root: Path, *, gently: bool = True) -> bool:
    """Stop the server, whoever uses it, and wait until it is down. Return whether one ran.

    Not gently, it writes nothing more and recovers at its next start, if there is one.
    """
    root = DataRoot(Path(os.path.realpath(data_root)))
    if not locks.is_held(root.guard_lock):
        return False
    # Held open, for the guardian of a throw-away server deletes the file before it ends.
    guard_lock = locks.open_lock(root.guard_lock)
    try:
        os.close(locks.open_lock(root.stop_request if gently else root.stop_at_once_request))
        locks.wait_shared(guard_lock, seconds=PATIENCE_SECONDS, what=str(root.guard_lock))
    finally:
        os.close(guard_lock)
    return True


def remove(data_root: Path) -> None:
    """Stop the server and delete all it ever stored."""
    root = DataRoot(Path(os.path.realpath(data_root)))
    if not root.path.exists():
        return
    require_own(root)
    stop(root.path, gently=False)
    home = root.home()
    if home:
        shutil.rmtree(home.path, ignore_errors=True)
    shutil.rmtree(root.path, ignore_errors=True)


def status(data_root: Path) -> Status:
    """Return how the server is, without starting it or becoming a user of it."""
    root = DataRoot(Path(os.path.realpath(data_root)))
    home = root.home()
    lies_in = home.path if home else None
    url = _url_if_ready(root, binaries.find())
    if url:
        return Status("ready", url, lies_in)
    return Status("starting" if locks.is_held(root.guard_lock) else "stopped", None, lies_in)


def _hold_users_lock(root: DataRoot) -> None:
    """Hold the users' lock from now to the end of this process; also when the folder was deleted and made anew."""
    held = _held.get(root.path)
    if held is not None and _same_file(held, root.users_lock):
        return
    try:
        descriptor = locks.open_lock(root.users_lock)
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"{root.users_lock} cannot be opened: {root.path} belongs to another user; "
            "run as that user, or set DATABASE_URL to a PostgreSQL server"
        ) from error
    locks.wait_shared(descriptor, seconds=PATIENCE_SECONDS, what=str(root.users_lock))
    os.utime(descriptor)
    _held[root.path] = descriptor
    if held is not None:
        os.close(held)


def _start_guardian(root: DataRoot, wheel: Binaries, wishes: Wishes) -> None:
    """Start a guardian and return when it holds its lock, or when another one does."""
    require_own(root)
    arguments = ["--site", str(wheel.site), "--wheel-version", wheel.version]
    arguments += ["--max-connections", str(wishes.max_connections)]
    arguments += ["--throw-away"] if wishes.throw_away else []
    # Neither the caller's secrets nor its site-packages: a guardian needs the standard library and this package only.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(_CHECKOUT)}
    environment |= {name: os.environ[name] for name in _KEPT if name in os.environ}
    with open(root.guard_log, "ab", opener=_private) as log:
        started = subprocess.run(
            [sys.executable, "-S", "-m", __package__, "guard", str(root.path), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    if started.returncode not in (0, guardian.LOCKED):
        raise EmbeddedPostgresError(
            f"the guardian of {root.path} ended with status {started.returncode}; see {root.guard_log}"
        )


def _url_if_ready(root: DataRoot, wheel: Binaries) -> str | None:
    try:
        socket_folder = root.address.read_text()
    except FileNotFoundError:
        return None
    if ask(wheel, Path(socket_folder)) is not Answer.READY:
        return None
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(socket_folder, safe='')}&port={PORT}"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
