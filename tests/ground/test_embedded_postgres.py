"""The embedded server under our guardian: it comes, it stays, it comes back, it goes, and it is alone on its machine.

The names follow the faults that were measured in the wheel's own get_server().
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from labelcrowd import embedded_postgres
from labelcrowd.embedded_postgres import EmbeddedPostgresError, ensure_running, status, stop, throw_away_server
from labelcrowd.embedded_postgres.folders import DataRoot
from tests.ground.conftest import (
    FAST,
    PRINT_URL,
    STAY,
    eventually,
    first_line,
    guardian_of,
    is_gone,
    of_each_process,
    postmaster_of,
    rows_of,
    sockets_of,
    state,
    text_of,
    write_rows,
)


def test_four_concurrent_cold_starts_get_the_same_server(data_root, client):
    clients = [client(PRINT_URL, data_root) for _ in range(4)]

    urls = {first_line(process) for process in clients}

    assert len(urls) == 1
    assert [process.wait(10) for process in clients] == [0, 0, 0, 0]


def test_parent_killed_by_sigkill_or_sigterm_leaves_no_server_behind(folder, client):
    fork = PRINT_URL + "import os, time; os.fork(); time.sleep(60)"
    killed, terminated, forked = (folder / name for name in ("killed", "terminated", "forked"))
    clients = [client(code, root) for code, root in [(STAY, killed), (STAY, terminated), (fork, forked)]]
    urls = [first_line(process) for process in clients]
    write_rows(urls[0])
    child = int(Path(f"/proc/{clients[2].pid}/task/{clients[2].pid}/children").read_text())

    clients[0].kill()
    clients[1].terminate()
    clients[2].kill()

    assert eventually(lambda: state(killed) == state(terminated) == "stopped")
    assert state(forked) == "ready"
    os.kill(child, signal.SIGKILL)
    assert eventually(lambda: state(forked) == "stopped")
    assert rows_of(ensure_running(killed)) == [1, 2, 3]


@pytest.mark.parametrize("holder", ["living", "zombie"])
def test_stale_pid_file_whose_pid_lives_again_does_not_matter(veteran, holder):
    ensure_running(veteran)
    home = DataRoot(veteran).home()
    pid_file, lock_file = home.data / "postmaster.pid", home.socket / ".s.PGSQL.5432.lock"
    stale = {file: file.read_text() for file in (pid_file, lock_file)}
    owner = pid_file.stat()
    stop(veteran)
    # A process of the server's own account, which PostgreSQL takes for a colleague.
    as_server = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    other = subprocess.Popen(["sleep", "60" if holder == "living" else "0"], cwd="/", **as_server)
    for file, text in stale.items():
        file.write_text("\n".join([str(other.pid), *text.split("\n")[1:]]))
        os.chown(file, owner.st_uid, owner.st_gid)
        file.chmod(0o600)

    with psycopg.connect(ensure_running(veteran)) as session:
        answer = session.execute("SELECT 1").fetchone()

    assert answer == (1,)
    assert Path(f"/proc/{other.pid}").exists()
    other.kill()
    other.wait()


def test_crash_recovery_over_10_s_is_waited_for(veteran):
    ensure_running(veteran)
    home = DataRoot(veteran).home()
    stop(veteran)
    # Recovery asks for archived files first, and every answer takes its time.
    (home.conf / "local.conf").write_text("restore_command = 'sleep 2.5; false'\n")
    (home.data / "recovery.signal").touch()
    began_at = time.monotonic()

    url = ensure_running(veteran)

    (home.conf / "local.conf").write_text("")
    assert time.monotonic() - began_at > 10
    assert rows_of(url) == [1, 2, 3]


def test_a_crashed_server_comes_back_with_every_committed_row(veteran):
    ensure_running(veteran)
    crashed = postmaster_of(veteran)

    os.kill(crashed, signal.SIGKILL)

    assert eventually(lambda: not Path(f"/proc/{crashed}").exists())  # reaped, no zombie
    assert rows_of(ensure_running(veteran)) == [1, 2, 3]
    assert postmaster_of(veteran) != crashed


def test_a_busy_session_that_survives_its_killed_postmaster_does_not_keep_the_next_one_away(veteran):
    busy = psycopg.connect(ensure_running(veteran), autocommit=True)
    busy.pgconn.send_query(b"DO 'BEGIN FOR i IN 1..2000000000 LOOP END LOOP; END'")
    survivor = busy.info.backend_pid

    os.kill(postmaster_of(veteran), signal.SIGKILL)

    assert rows_of(ensure_running(veteran)) == [1, 2, 3]
    assert not Path(f"/proc/{survivor}").exists()
    busy.close()


def test_a_killed_guardian_takes_the_server_along_and_the_next_use_brings_both_back(veteran):
    ensure_running(veteran)
    orphan, guardian = postmaster_of(veteran), guardian_of(veteran)

    os.kill(guardian, signal.SIGKILL)
    assert eventually(lambda: is_gone(guardian))
    url = ensure_running(veteran)

    assert rows_of(url) == [1, 2, 3]
    assert postmaster_of(veteran) != orphan
    assert eventually(lambda: is_gone(orphan))


def test_long_path_over_107_characters_gets_a_private_socket(folder):
    data_root = folder / ("d" * 60) / ("e" * 60) / "postgres"

    write_rows(ensure_running(data_root, wishes=FAST))

    socket_folder = Path(DataRoot(data_root).address.read_text())
    assert len(str(socket_folder)) < 80
    assert socket_folder.stat().st_mode & 0o7777 == 0o700
    assert socket_folder.stat().st_uid == (DataRoot(data_root).home().data).stat().st_uid
    stop(data_root)
    assert not socket_folder.exists()


def test_paths_with_spaces_commas_and_quotes_work(folder):
    data_root = folder / 'a, b\'s "c"\\d' / "postgres"

    url = ensure_running(data_root, wishes=FAST)
    write_rows(url)

    assert rows_of(url) == [1, 2, 3]


def test_modes_of_all_parents_are_unchanged(folder):
    parents = [folder / "closed", folder / "closed" / "checkout", folder / "closed" / "checkout" / "var"]
    for parent, mode in zip(parents, (0o700, 0o711, 0o770), strict=True):
        parent.mkdir()
        parent.chmod(mode)
    before = [(parent.stat().st_mode, parent.stat().st_uid, parent.stat().st_gid) for parent in [folder, *parents]]

    ensure_running(parents[-1] / "postgres", wishes=FAST)

    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in [folder, *parents]] == before


def test_sigterm_to_the_guardian_stops_the_server(veteran):
    ensure_running(veteran)
    server = postmaster_of(veteran)

    os.kill(guardian_of(veteran), signal.SIGTERM)

    assert eventually(lambda: state(veteran) == "stopped")
    assert not Path(f"/proc/{server}").exists()


def test_in_the_foreground_it_runs_until_sigterm_though_nobody_uses_it(veteran, client):
    run = (
        "import runpy, sys; sys.argv[1:1] = ['run']; runpy.run_module('labelcrowd.embedded_postgres', None, '__main__')"
    )
    stop(veteran)
    foreground = client(run, veteran)
    assert eventually(lambda: state(veteran) == "ready")
    time.sleep(4)
    assert state(veteran) == "ready"

    foreground.terminate()

    assert foreground.wait(20) == 0
    assert state(veteran) == "stopped"


def test_another_major_version_is_refused_with_a_sentence(veteran):
    ensure_running(veteran)
    stop(veteran)
    version = DataRoot(veteran).home().data / "PG_VERSION"
    version.write_text("16\n")

    with pytest.raises(
        EmbeddedPostgresError, match="made by PostgreSQL 16 and these binaries are PostgreSQL 18: make a"
    ):
        ensure_running(veteran)
    version.write_text("18\n")


def test_a_server_that_cannot_start_says_why_and_starts_once_that_is_mended(veteran):
    ensure_running(veteran)
    stop(veteran)
    local = DataRoot(veteran).home().conf / "local.conf"
    local.write_text("shared_buffers = 'a lot'\n")

    with pytest.raises(EmbeddedPostgresError, match="contains errors"):
        ensure_running(veteran)
    local.write_text("work_mem = '5MB'\n")

    with psycopg.connect(ensure_running(veteran)) as session:
        assert session.execute("SHOW work_mem").fetchone() == ("5MB",)


def test_an_interrupted_initdb_leaves_nothing_half_done(data_root):
    data_root.mkdir()
    (data_root / "users.lock").touch()
    (data_root / "data.unfinished").mkdir()
    (data_root / "data.unfinished" / "PG_VERSION").write_text("18\n")

    url = ensure_running(data_root, wishes=FAST)
    write_rows(url)

    assert rows_of(url) == [1, 2, 3]


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(folder):
    (folder / "thesis.txt").write_text("years of work")
    mode = folder.stat().st_mode

    with pytest.raises(EmbeddedPostgresError, match=r"holds other files \(thesis.txt\)"):
        ensure_running(folder)

    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    assert folder.stat().st_mode == mode


def test_stop_and_status_of_a_server_that_never_was_make_nothing(data_root):
    assert not stop(data_root)
    assert status(data_root).state == "stopped"
    assert not data_root.exists()


def test_a_deleted_data_root_ends_its_server_and_the_next_use_begins_anew(data_root):
    write_rows(ensure_running(data_root))
    server = postmaster_of(data_root)
    home = DataRoot(data_root).home()

    shutil.rmtree(data_root, ignore_errors=True)  # the server deletes some of its files at the same time

    assert eventually(lambda: not Path(f"/proc/{server}").exists())
    write_rows(ensure_running(data_root))
    assert postmaster_of(data_root) != server
    shutil.rmtree(home.path if home.path != data_root else "/nonexistent", ignore_errors=True)


def test_a_throw_away_server_is_gone_after_its_block_and_after_a_kill(client, folder):
    with throw_away_server() as url:
        kept_in = Path(psycopg.conninfo.conninfo_to_dict(url)["host"]).parent
        with psycopg.connect(url) as session:
            assert session.execute("SHOW fsync").fetchone() == ("off",)
    assert not kept_in.exists()
    code = "import time; from labelcrowd.embedded_postgres import throw_away_server\n"
    user = client(code + "with throw_away_server() as url: print(url, flush=True); time.sleep(60)", folder)
    kept_in = Path(psycopg.conninfo.conninfo_to_dict(first_line(user))["host"]).parent
    assert kept_in.exists()

    user.kill()

    assert eventually(lambda: not kept_in.exists())


class TestWhatRuns:
    """One server, looked at from all sides."""

    @pytest.fixture(scope="class")
    @classmethod
    def running(cls, tmp_path_factory) -> "tuple[Path, str]":
        """A server of its own for the class."""
        data_root = tmp_path_factory.mktemp("running") / "postgres"
        yield data_root, ensure_running(data_root)
        embedded_postgres.remove(data_root)

    def shown(self, url: str, *names: str) -> list[str]:
        with psycopg.connect(url) as session:
            return [session.execute(f"SHOW {name}").fetchone()[0] for name in names]

    def test_it_is_durable(self, running):
        _, url = running

        names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]

        assert self.shown(url, *names) == ["on"] * 4

    def test_it_sorts_by_code_point_everywhere(self, running):
        _, url = running

        with psycopg.connect(url) as session:
            sorts = "SELECT datlocprovider, datlocale, datcollate, pg_encoding_to_char(encoding) FROM pg_database"
            databases = set(session.execute(sorts).fetchall())
            upper = session.execute("SELECT upper('straße é ж')").fetchone()

        assert databases == {("b", "C.UTF-8", "C.UTF-8", "UTF8")}
        assert upper == ("STRASSE É Ж",) or upper == ("STRAßE É Ж",)

    def test_no_network_can_reach_it(self, running):
        data_root, url = running
        inodes = set().union(*of_each_process(data_root, sockets_of))

        tables = [Path("/proc/net") / name for name in ("tcp", "tcp6", "udp", "udp6")]
        sockets = {line.split()[9] for table in tables if table.exists() for line in table.read_text().splitlines()[1:]}

        assert self.shown(url, "listen_addresses") == [""]
        assert not inodes & sockets

    def test_the_application_is_no_superuser_but_may_make_test_databases(self, running):
        _, url = running

        with psycopg.connect(url) as session:
            role = session.execute(
                "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()

        assert role == ("labelcrowd", False, True, False)

    def test_its_processes_know_no_secret_of_the_caller(self, running, monkeypatch):
        data_root, _ = running

        environments = of_each_process(data_root, text_of("environ"))

        assert not any(name in text for text in environments for name in ("SECRET", "PASSWORD", "DATABASE_URL"))

    def test_its_log_is_rotated_in_a_private_folder(self, running):
        data_root, url = running
        home = DataRoot(data_root).home()

        assert home.log.stat().st_mode & 0o777 == 0o700
        assert [file.name[:11] for file in home.log.iterdir()] == ["postgresql-"]
        assert self.shown(url, "log_truncate_on_rotation", "log_rotation_age") == ["on", "1d"]

    def test_it_takes_little_memory_while_idle(self, running):
        data_root, _ = running
        shares = 0
        for text in of_each_process(data_root, text_of("smaps_rollup")):
            for line in text.splitlines():
                if line.startswith("Pss:"):
                    shares += int(line.split()[1])

        assert shares < 60 * 1024, f"{shares} KiB"

    def test_a_wish_for_more_sessions_is_granted_at_the_next_start(self, running):
        data_root, _ = running
        stop(data_root)

        url = ensure_running(data_root, wishes=embedded_postgres.Wishes(max_connections=123))

        assert self.shown(url, "max_connections") == ["123"]
