"""The environment is made with the Python that all of this takes the least processor time on."""

import subprocess
import sys
from pathlib import Path

import pytest
from source import ROOT

OF_THE_DISTRIBUTION = "/usr/bin/python3"
CAN_RUN_US = "import sys, venv; sys.exit(sys.version_info < (3, 11))"


def found(path: str, **environment: str) -> str:
    asked = subprocess.run(
        [ROOT / "infra/bootstrap/find-python"], env={"PATH": path, **environment}, capture_output=True, text=True
    )
    return asked.stdout.strip() or asked.stderr


@pytest.fixture
def compiled_by_somebody(tmp_path: Path) -> Path:
    """Return a Python that comes first in a folder of programs."""
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return python


def test_the_distributions_python_is_taken_before_one_that_somebody_compiled(compiled_by_somebody):
    if not Path(OF_THE_DISTRIBUTION).exists() or subprocess.run([OF_THE_DISTRIBUTION, "-c", CAN_RUN_US]).returncode:
        pytest.skip(f"{OF_THE_DISTRIBUTION} is none that labelcrowd can run on")

    assert found(f"{compiled_by_somebody.parent}:/usr/bin:/bin") == OF_THE_DISTRIBUTION


def test_a_python_that_is_named_is_taken(compiled_by_somebody):
    assert found("/usr/bin:/bin", PYTHON=str(compiled_by_somebody)) == str(compiled_by_somebody)


def test_a_python_that_is_too_old_or_none_is_told_with_what_to_do(tmp_path):
    assert "is not one" in (said := found("/usr/bin:/bin", PYTHON=str(tmp_path / "gone")))
    assert "name one by PYTHON=/path/to/python" in said
