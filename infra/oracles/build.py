"""Makes var/oracles what requirements.lock says: other people's implementations, to check and measure ours against.

Crowd-Kit, krippendorff (GPL) and their kin live there and nowhere else. Run twice, the second takes no time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "infra" / "bootstrap"))

from environment import TOOLS, get_tool, make_venv, runs, uv_environment  # noqa: E402
from pip_finder import find_pip  # noqa: E402

LOCK = HERE / "requirements.lock"
VENV = ROOT / "var" / "oracles"


def build() -> Path:
    """Return the environment's Python, having made the environment unless it is there."""
    python, made_from = VENV / "bin" / "python", VENV / "made-from"
    if runs(VENV) and made_from.exists() and made_from.read_bytes() == LOCK.read_bytes():
        return python
    print("making var/oracles: 700 MB, some minutes the first time", file=sys.stderr, flush=True)
    TOOLS.mkdir(parents=True, exist_ok=True)
    make_venv(VENV)
    pip = find_pip(TOOLS)
    try:
        sync = ("pip", "sync", "-q", "--require-hashes", "--python", python, LOCK)
        subprocess.run([get_tool("uv", pip), *sync], env=uv_environment(pip), check=True)
    except (subprocess.CalledProcessError, OSError):
        pip.install(LOCK, into=VENV)
    shutil.copyfile(LOCK, made_from)
    return python


if __name__ == "__main__":
    build()
