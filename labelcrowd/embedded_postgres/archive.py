"""Backup and restore of one database, embedded or not, with the wheel's pg_dump: an older one refuses our server."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo

from labelcrowd.durable import sync
from labelcrowd.embedded_postgres.binaries import MAJOR, OLDER_MAJOR, Binaries, find
from labelcrowd.embedded_postgres.databases import is_empty
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError


class BackupFailed(EmbeddedPostgresError):
    """No backup was written; a file that was there before is untouched."""


class RestoreFailed(EmbeddedPostgresError):
    """Nothing was restored; the database is as it was before."""


def backup(url: str, file: Path) -> None:
    """Write a consistent copy of a database to a file (0600, PostgreSQL's custom format); it appears whole or not."""
    try:
        tools = _tools(url)
    except psycopg.OperationalError as error:
        raise BackupFailed(f"the database to back up cannot be reached: {error}") from error
    folder = file.resolve().parent
    try:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{file.name}-")
    except OSError as error:
        raise BackupFailed(f"no backup can be written to {folder}: {error.strerror}") from error
    os.close(descriptor)
    unfinished = Path(name)
    try:
        trouble = _run(tools, "pg_dump", ["--format=custom", f"--file={unfinished}"], url=url)
        if trouble is not None:
            raise BackupFailed(f"no backup was written to {file}: {trouble}")
        sync(unfinished)
        unfinished.replace(file)
        sync(folder)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path, url: str) -> None:
    """Bring a backup back into an empty database, in one transaction. Refuses a database that holds anything."""
    try:
        tools = _tools(url)
        empty = is_empty(url)
    except psycopg.OperationalError as error:
        raise RestoreFailed(f"the database to restore into cannot be reached: {error}") from error
    trouble = _run(tools, "pg_restore", ["--list", str(file)])
    if trouble is not None:
        raise RestoreFailed(f"{file} is not a backup that this server can read: {trouble}")
    if not empty:
        raise RestoreFailed(
            "the database is not empty, and a restore must not mix with what is there: "
            "restore into a new database, or drop this one and create it again"
        )
    trouble = _run(tools, "pg_restore", ["--single-transaction", "--exit-on-error", str(file)], url=url)
    if trouble is not None:
        raise RestoreFailed(f"nothing of {file} was restored: {trouble}")


def _tools(url: str) -> Binaries:
    """Return the programs for a server: what an 18 restores begins with a setting that servers before 17 refuse."""
    with psycopg.connect(url) as session:
        return find(MAJOR if session.info.server_version >= 170000 else OLDER_MAJOR)


def _run(tools: Binaries, program: str, options: list[str], *, url: str | None = None) -> str | None:
    """Run one of PostgreSQL's programs on a database; return what it complained about if it failed."""
    environment = dict(os.environ)
    if url is not None:
        known: dict[str, Any] = conninfo.conninfo_to_dict(url)
        if "password" in known:  # every user of this machine could read it on the command line
            environment["PGPASSWORD"] = str(known.pop("password"))
        database = f"--dbname={conninfo.make_conninfo(**known)}"
        options = ["--no-owner", "--no-privileges", "--no-password", database, *options]
    done = subprocess.run(
        [tools.program(program), *options],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
    )
    return None if done.returncode == 0 else done.stderr.strip() or f"{program} ended with status {done.returncode}"
