"""`make env` gives the command, and so does installing the project."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_an_environment_gets_the_command_as_it_lies_here(tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    program = tmp_path / "env" / "bin"

    subprocess.run([program / "python", "-B", ROOT / "infra" / "bootstrap" / "link_command.py"], check=True)
    libraries = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}  # what the lock would have installed
    said = subprocess.run([program / "labelcrowd", "--help"], env=libraries, capture_output=True, text=True, check=True)

    assert "A whole campaign from a shell." in said.stdout
    assert sys.executable not in (program / "labelcrowd").read_text()


def test_the_project_names_a_command_that_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["labelcrowd"].partition(":")

    assert callable(getattr(import_module(module), function))
    assert project["tool"]["setuptools"]["packages"] == [module.partition(".")[0]]
