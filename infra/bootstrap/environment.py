"""Makes .venv what requirements.lock says: with uv, or with pip where uv can't be had or fails.

Runs on any Python >= 3.11 and its standard library alone.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from pip_finder import NoPip, Pip, find_pip

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
TOOLS = ROOT / "var" / "bootstrap"


def main() -> None:
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "busy").open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)  # two first `make`s at once: the second finds the work done
        try:
            make_environment()
        except (NoPip, subprocess.CalledProcessError) as failure:
            raise SystemExit(f"the environment could not be made: {failure}") from failure


def make_environment() -> None:
    started = time.monotonic()
    say(f"making .venv with Python {sys.version.split()[0]} ({sys.executable})")
    if not runs(VENV):
        make_venv(VENV)
    pip = find_pip(TOOLS)
    how = "uv"
    try:
        uv = get_tool("uv", pip)
        sync = ("pip", "sync", "-q", "--require-hashes", "--python", VENV / "bin" / "python", LOCK)
        subprocess.run([uv, *sync], env=uv_environment(pip), check=True)
    except (subprocess.CalledProcessError, OSError) as failure:
        say(f"{failure}\ngoing on without uv, with pip, which takes a minute or two")
        pip.install(LOCK, into=VENV)
        how = "pip"
    say(f".venv made with {how} in {time.monotonic() - started:.0f} s")


def get_tool(name: str, pip: Pip) -> Path:
    """Install what the lock beside this file pins, apart from .venv, unless it is there; return the program."""
    venv, lock = TOOLS / name, HERE / f"{name}.lock"
    made_from = venv / "made-from"
    if not (runs(venv) and made_from.exists() and made_from.read_bytes() == lock.read_bytes()):
        make_venv(venv)
        pip.install(lock, into=venv)
        shutil.copyfile(lock, made_from)
    return venv / "bin" / name


def uv_environment(pip: Pip) -> Mapping[str, str]:
    """Return the environment for uv: what it is told itself counts, then what pip is told."""
    return pip.settings_for_uv() | os.environ


def runs(venv: Path) -> bool:
    """Tell whether a virtual environment is there and its Python still is (a system upgrade takes it away)."""
    python = venv / "bin" / "python"
    return python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0


def make_venv(folder: Path) -> None:
    # Without pip: Debian's Python has none to give unless python3-venv is installed, and making it costs seconds.
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
