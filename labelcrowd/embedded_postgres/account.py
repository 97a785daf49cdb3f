"""The account that the server runs under: our own, or as root a dedicated one, because PostgreSQL refuses root."""

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError

SERVER_ACCOUNT = "labelcrowd"


@dataclass(frozen=True)
class Account:
    """A user of this machine; `is_other` when processes must be switched to it, which only root can."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def switch(self) -> dict[str, Any]:
        """Return the arguments with which subprocess runs a program as this user and with no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def give(self, path: Path, *, mode: int, keep_owner: bool = False) -> None:
        """Make a file or folder of ours belong to this user (with `keep_owner`, only to its group) with this mode."""
        if self.is_other:
            os.chown(path, -1 if keep_owner else self.uid, self.gid, follow_symlinks=False)
        path.chmod(mode)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user reaches a folder through all its parents, asked of the kernel as that user."""
        answer = subprocess.run(["/bin/sh", "-c", 'test -x "$0"/.', str(folder)], check=False, cwd="/", **self.switch())
        return answer.returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user can execute a program, tried by asking the program for its version."""
        try:
            answer = subprocess.run([program, "--version"], check=False, capture_output=True, cwd="/", **self.switch())
        except PermissionError:
            return False
        return answer.returncode == 0


def own_name() -> str:
    """Return the name of the user this process runs as."""
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedPostgresError(
            f"user id {uid} has no name in /etc/passwd, and PostgreSQL needs one: "
            "run as a named user, or set DATABASE_URL to a PostgreSQL server"
        ) from None


def server_account() -> Account:
    """Return the account for the server, making the system user the first time that root needs it."""
    name = own_name()
    if os.geteuid() != 0:
        return Account(name, os.geteuid(), os.getegid(), is_other=False)
    entry = _entry(SERVER_ACCOUNT) or _make(SERVER_ACCOUNT)
    if entry.pw_uid == 0:
        raise EmbeddedPostgresError(f"the user '{SERVER_ACCOUNT}' has user id 0; PostgreSQL does not run as root")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=True)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    said = "there is no useradd"
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    # Another process may be making it too, and hold useradd's lock for a moment.
    for pause in (0.2, 0.5, 1.0, 2.0, 0.0):
        if useradd:
            command = [useradd, *options, "--shell", "/usr/sbin/nologin", name]
            said = subprocess.run(command, check=False, capture_output=True, text=True).stderr.strip()
        entry = _entry(name)
        if entry is not None:
            return entry
        time.sleep(pause if useradd else 0)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root and the system user '{name}' for it could not be made ({said}): "
        f"make it by hand, run as an ordinary user, or set DATABASE_URL to a PostgreSQL server"
    )
