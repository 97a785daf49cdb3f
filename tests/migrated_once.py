"""One process of a run migrates, which is half a minute's work; the others, and houses, copy what came of it."""

import fcntl
import os
from pathlib import Path

import psycopg
from psycopg import conninfo, sql


class MigratedOnce:
    """A database that nothing but the migrations has touched; `name` is a server's, for its run alone."""

    def __init__(self) -> None:
        self.name = name()
        self.is_made = False
        # Locked while somebody migrates; holds a word once it is done.
        self._note = Path(os.environ["LABELCROWD_VAR"], self.name).open("a+")

    def wait(self) -> bool:
        """Wait while another process migrates; return whether one did. If none has, the others wait for `copy`."""
        fcntl.flock(self._note, fcntl.LOCK_EX)
        self._note.seek(0)
        self.is_made = bool(self._note.read())
        if self.is_made:
            self.close()
        return self.is_made

    def copy(self, url: str) -> None:
        """Keep a copy of the database of this URL, which nobody is connected to; then the others go on."""
        source = conninfo.conninfo_to_dict(url)["dbname"]
        _run(url, "CREATE DATABASE {} TEMPLATE {}", self.name, str(source))
        self._note.write("made")
        self.is_made = True
        self.close()

    def close(self) -> None:
        """Let the others go on."""
        self._note.close()


def name() -> str:
    """Return what the copy is called on a server: all processes of a run have it from the first."""
    return f"migrated_{os.environ['LABELCROWD_TEST_RUN']}"


def drop(url: str) -> None:
    """Leave nothing behind on a server that outlives the run."""
    _run(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name())


def _run(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(conninfo.make_conninfo(url, dbname="postgres"), autocommit=True) as session:
        session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
