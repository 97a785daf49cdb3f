"""P18: a disk that is full stops the work with a clear failure, loses nothing, and is forgotten once there is space."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db  # for `migrated_dump`
ROOT = Path(__file__).parents[2]
SIZE = "128m"  # a new cluster with the campaign takes some 90 MB
PATIENCE = 240


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, which only root can make."""
    with tempfile.TemporaryDirectory(prefix="labelcrowd-disk-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        mounted = os.getuid() == 0 and _mount(folder)
        if not mounted:
            pytest.skip("NOT RUN: only root can mount the small disk that is filled here")
        yield folder
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path) -> bool:
    options = f"size={SIZE},mode=0711"
    return not subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True).returncode


def test_a_full_disk_fails_clearly_loses_nothing_and_work_goes_on_when_there_is_space(small_disk, migrated_dump):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    run = subprocess.run(
        [sys.executable, Path(__file__).with_name("full_disk.py"), small_disk],
        cwd=ROOT,
        env={**environment, **migrated_dump, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    assert said["before"] == ""
    assert said["failure"].startswith(("OperationalError", "InterfaceError", "DatabaseError"))
    assert said["after"] == ""
    assert "database" in said["full"]  # what /readyz says
    assert said["ready"] == {}
    assert said["kept"] >= 10
    assert said["broken"] == []
