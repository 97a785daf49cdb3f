"""A small soak: an unruly crowd over HTTP while everything is killed; `make soak` is the same, as long as one likes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.long]  # for `migrated_dump`
ROOT = Path(__file__).parents[2]
PATIENCE = 600  # it took 198 s on a busy machine, its backup and restore among them


def test_a_crowd_under_kills_of_everything_finds_every_promise_kept(migrated_dump):
    outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LABELCROWD_VAR")}

    soak = subprocess.run(
        [sys.executable, "-m", "infra.soak", "--minutes", "0.2", "--workers", "10", "--pause", "0.8"],
        cwd=ROOT,
        env=outside | migrated_dump,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert soak.returncode == 0, soak.stdout + soak.stderr
    assert "every promise was kept" in soak.stdout
