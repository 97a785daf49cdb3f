"""Which files and folders make up one embedded server.

`data_root` is the caller's name for the server and holds the locks. `home` holds what the server itself reads and
writes: it is data_root, or, as root where the server's account cannot reach that, a folder of ours to which a link in
data_root points. Only these two folders and what lies in them ever change owner or mode.
"""

import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from labelcrowd.embedded_postgres.account import Account, own_name
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError

STORE = Path("/var/lib/labelcrowd")
PORT = 5432
ROLE = DATABASE = "labelcrowd"
# macOS allows 103 bytes for a socket's path and Linux 107.
_LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class DataRoot:
    """The files by which clients and the guardian of one server meet; `path` is absolute and without links."""

    path: Path

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server, for its life."""
        return self.path / "users.lock"

    @property
    def guard_lock(self) -> Path:
        """Held alone by the guardian, for its life."""
        return self.path / "guard.lock"

    @property
    def guard_log(self) -> Path:
        """What the guardian, initdb and a server that does not come up say."""
        return self.path / "guard.log"

    @property
    def stop_request(self) -> Path:
        """Its existence asks the guardian to stop the server; a file, for a pid may be another process's by now."""
        return self.path / "stop"

    @property
    def stop_at_once_request(self) -> Path:
        """The same, but the server shall not take the time to write its buffers."""
        return self.path / "stop-at-once"

    @property
    def failure(self) -> Path:
        """Why the last guardian gave up; absent while one is at work."""
        return self.path / "failure"

    @property
    def address(self) -> Path:
        """The folder of the server's socket, written before the server starts."""
        return self.path / "address"

    @property
    def link(self) -> Path:
        """Points to the home where that is not data_root itself."""
        return self.path / "server"

    def home(self) -> "Home | None":
        """Return the home if one was chosen before."""
        if self.link.is_symlink():
            return Home(self.link.readlink())
        return Home(self.path) if (self.path / "data").exists() else None


@dataclass(frozen=True)
class Home:
    """The server's own folders."""

    path: Path

    @property
    def data(self) -> Path:
        """PGDATA, complete or absent."""
        return self.path / "data"

    @property
    def conf(self) -> Path:
        """Configuration, written by the guardian at every start; the server's account only reads it."""
        return self.path / "conf"

    @property
    def log(self) -> Path:
        """The server's log, a file for each day of the week."""
        return self.path / "log"

    @property
    def socket(self) -> Path:
        """The socket's folder, where its path is short enough."""
        return self.path / "socket"


def claim(data_root: Path) -> DataRoot:
    """Return the data root, making the folder 0700 when there is none; refuse a folder that holds something else."""
    root = DataRoot(Path(os.path.realpath(data_root)))
    try:
        root.path.parent.mkdir(parents=True, exist_ok=True)
        root.path.mkdir(mode=0o700, exist_ok=True)
        entries = {entry.name for entry in os.scandir(root.path)}
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"{root.path} is closed to '{own_name()}': the embedded PostgreSQL there is another user's, or was started "
            "as root; run as that user, or set DATABASE_URL to a PostgreSQL server"
        ) from error
    except OSError as error:
        raise EmbeddedPostgresError(f"{root.path} cannot hold the embedded PostgreSQL: {error.strerror}") from error
    if entries and root.users_lock.name not in entries:
        raise EmbeddedPostgresError(
            f"{root.path} holds other files ({', '.join(sorted(entries)[:3])}); "
            "the embedded PostgreSQL wants a folder of its own"
        )
    if root.path.stat().st_uid == os.geteuid() != 0:
        root.path.chmod(0o700)
    return root


def require_own(root: DataRoot) -> None:
    """Refuse to start a server in another user's folder: its files would get owners that this user cannot follow."""
    if root.path.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{root.path} belongs to user '{root.path.owner()}' and this is '{own_name()}': "
            f"start it as '{root.path.owner()}', or set DATABASE_URL to a PostgreSQL server"
        )


def choose_home(root: DataRoot, account: Account) -> Home:
    """Return the server's home, making it and its folders; what is not ours keeps its owner and mode."""
    home = root.home()
    if home is None:
        if account.is_other:
            account.give(root.path, mode=0o710, keep_owner=True)
        home = Home(root.path) if account.can_enter(root.path) else _home_elsewhere(root)
    if home.path != root.path and not home.path.exists():
        raise EmbeddedPostgresError(
            f"the database of {root.path} lies in {home.path}, which is gone: "
            f"put it back, or remove {root.link} to begin anew"
        )
    if account.is_other:
        account.give(home.path, mode=0o710, keep_owner=True)
    home.conf.mkdir(mode=0o700, exist_ok=True)
    account.give(home.conf, mode=0o750 if account.is_other else 0o700, keep_owner=True)
    for folder in (home.log, home.socket):
        folder.mkdir(mode=0o700, exist_ok=True)
        account.give(folder, mode=0o700)
    return home


def make_store() -> Path:
    """Make the folder for what root's servers cannot keep in their checkout; nobody but root may write there."""
    STORE.mkdir(mode=0o711, parents=True, exist_ok=True)
    found = STORE.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise EmbeddedPostgresError(f"{STORE} must be a folder that belongs to root and that only root writes to")
    STORE.chmod(0o711)
    return STORE


def choose_socket_folder(home: Home, account: Account, *, before: Path | None) -> Path:
    """Return a 0700 folder of the server's account whose path a socket can have."""
    if before and _is_private(before, account):
        return before
    path = os.fsencode(home.socket / f".s.PGSQL.{PORT}")
    # libpq reads a comma in a host as the end of the first of several hosts.
    if len(path) <= _LONGEST_SOCKET_PATH and b"," not in path:
        return home.socket
    short = Path(tempfile.mkdtemp(prefix="labelcrowd-", dir="/tmp"))
    account.give(short, mode=0o700)
    return short


def orphans() -> list[Path]:
    """Return the homes in the store to which no data root points any more: what deleted checkouts of root left."""
    left = []
    for origin in sorted(STORE.glob("*/origin")):
        link = DataRoot(Path(origin.read_text().strip())).link
        if not link.is_symlink() or link.readlink() != origin.parent:
            left.append(origin.parent)
    return left


def _is_private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == 0o700


def _home_elsewhere(root: DataRoot) -> Home:
    """Make a home in the store under a random name: a data root that was deleted and made anew begins anew."""
    home = Home(make_store() / f"{root.path.parent.parent.name or 'server'}-{secrets.token_hex(6)}")
    home.path.mkdir(mode=0o700)
    (home.path / "origin").write_text(f"{root.path}\n")
    root.link.symlink_to(home.path)
    return home
