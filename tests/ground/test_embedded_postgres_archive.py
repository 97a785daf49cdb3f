"""Backups of a database come back as they were, and only into an empty one."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from labelcrowd.embedded_postgres import throw_away_server
from labelcrowd.embedded_postgres.archive import BackupFailed, RestoreFailed, backup, restore
from labelcrowd.embedded_postgres.databases import create_missing
from tests.ground.conftest import rows_of, write_rows

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a database that holds three rows."""
    with throw_away_server() as url:
        write_rows(url)
        with psycopg.connect(url) as session:
            session.execute("CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'")
        yield url


def new_database(url: str, name: str) -> str:
    """Make an empty database on the same server and return its URL."""
    assert create_missing(url, name)
    return conninfo.make_conninfo(url, dbname=name)


def test_a_backup_comes_back_as_it_was(server, tmp_path):
    file = tmp_path / "today.backup"
    empty = new_database(server, "comes_back")

    backup(server, file)
    restore(file, empty)

    assert rows_of(empty) == [1, 2, 3]
    with psycopg.connect(empty) as session:
        assert session.execute("SELECT one()").fetchone() == (1,)
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["today.backup"]


def test_a_database_that_is_not_empty_is_refused_and_untouched(server, tmp_path):
    backup(server, tmp_path / "today.backup")
    full = new_database(server, "full")
    with psycopg.connect(full) as session:
        session.execute("CREATE TABLE mine AS SELECT 7 AS n")

    with pytest.raises(RestoreFailed, match="the database is not empty"):
        restore(tmp_path / "today.backup", full)

    with psycopg.connect(full) as session:
        assert session.execute("SELECT n FROM mine").fetchall() == [(7,)]
        assert session.execute("SELECT to_regclass('kept')").fetchone() == (None,)


def test_what_is_not_a_backup_is_refused(server, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a backup")

    with pytest.raises(RestoreFailed, match=r"notes\.txt is not a backup that this server can read"):
        restore(file, new_database(server, "nothing"))
    with pytest.raises(RestoreFailed, match=r"missing\.backup is not a backup"):
        restore(tmp_path / "missing.backup", server)


def test_a_damaged_backup_restores_nothing(server, tmp_path):
    file = tmp_path / "today.backup"
    backup(server, file)
    file.write_bytes(file.read_bytes()[:-20])
    empty = new_database(server, "half")

    with pytest.raises(RestoreFailed):
        restore(file, empty)

    with psycopg.connect(empty) as session:
        assert session.execute("SELECT to_regclass('kept')").fetchone() == (None,)


def test_a_backup_that_fails_leaves_the_one_before_untouched(server, tmp_path):
    file = tmp_path / "today.backup"
    file.write_bytes(b"yesterday's")

    with pytest.raises(BackupFailed, match="the database to back up cannot be reached"):
        backup(conninfo.make_conninfo(server, dbname="no_such_database"), file)
    with pytest.raises(BackupFailed, match="no backup can be written to"):
        backup(server, tmp_path / "no such folder" / "today.backup")

    assert file.read_bytes() == b"yesterday's"
    assert os.listdir(tmp_path) == ["today.backup"]


@pytest.fixture
def debians_server(folder: Path) -> Iterator[str]:
    """The URL of a database of an external PostgreSQL 15 with a password, where Debian's is installed."""
    if not DEBIAN.exists():
        pytest.skip(f"no PostgreSQL 15 in {DEBIAN}: NOT RUN against an older external server")
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    switch = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    home = folder / "debian"
    home.mkdir()
    (home / "password").write_text("sesame open\n")
    if os.geteuid() == 0:
        for path in (home, home / "password"):
            shutil.chown(path, owner.pw_uid)
    initdb = [DEBIAN / "initdb", "-D", home / "data", "-U", "app", "-A", "scram-sha-256", "--pwfile", home / "password"]
    subprocess.run([*initdb, "-N", "--locale=C.UTF-8"], check=True, cwd="/", stdout=subprocess.DEVNULL, **switch)
    server = subprocess.Popen(
        [DEBIAN / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses=", "-F"],
        cwd="/",
        stderr=subprocess.DEVNULL,
        **switch,
    )
    url = conninfo.make_conninfo(host=str(home), user="app", password="sesame open", dbname="postgres")
    while not (home / ".s.PGSQL.5432").exists():
        assert server.poll() is None
    for _ in range(100):
        try:
            psycopg.connect(url).close()
            break
        except psycopg.OperationalError:
            continue
    yield url
    server.terminate()
    server.wait()


def test_an_older_external_server_is_backed_up_and_restored_too(debians_server, server, tmp_path):
    source, target = (new_database(debians_server, name) for name in ("source", "target"))
    write_rows(source)

    backup(source, tmp_path / "fifteen.backup")
    restore(tmp_path / "fifteen.backup", target)
    newer = new_database(server, "newer")
    restore(tmp_path / "fifteen.backup", newer)

    assert rows_of(target) == rows_of(newer) == [1, 2, 3]
    backup(server, tmp_path / "eighteen.backup")
    with pytest.raises(RestoreFailed, match="is not a backup that this server can read"):
        restore(tmp_path / "eighteen.backup", new_database(debians_server, "too_old"))
