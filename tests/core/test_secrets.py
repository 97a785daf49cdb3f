"""The secret that an instance makes for itself: one, whole, and its owner's alone."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from labelcrowd import secrets

ASK = "import pathlib, sys; from labelcrowd import secrets; print(secrets.read_or_make(pathlib.Path(sys.argv[1])))"


def test_a_secret_is_made_once_and_kept(tmp_path):
    path = tmp_path / "var" / "secret_key"

    first, second = secrets.read_or_make(path), secrets.read_or_make(path)

    assert first == second == path.read_text()
    assert len(first) >= 50


def test_nobody_but_its_owner_can_read_it(tmp_path):
    secrets.read_or_make(path := tmp_path / "secret_key")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_that_is_there_is_never_replaced(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("mine")

    assert secrets.read_or_make(path) == "mine"


def test_threads_that_start_at_once_agree_on_one_and_leave_no_drafts(tmp_path):
    path = tmp_path / "secret_key"

    with ThreadPoolExecutor(8) as pool:
        read = set(pool.map(lambda _: secrets.read_or_make(path), range(32)))

    assert read == {path.read_text()}
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_start_at_once_agree_on_one(tmp_path):
    path = tmp_path / "secret_key"

    started = [
        subprocess.Popen([sys.executable, "-c", ASK, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    read = {one.communicate()[0].strip() for one in started}

    assert read == {path.read_text()}
