"""Makes var/oracles what requirements.lock says: other people's implementations, to check and measure ours against.

Crowd-Kit, krippendorff (GPL) and their kin live there and nowhere else. Named by an argument, another folder of infra
with a requirements.lock becomes an environment in the same way: `build.py turk_clients` makes var/turk_clients. Run
twice, the second takes no time.
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

MEGABYTES = {"oracles": 700, "turk_clients": 150, "api_oracles": 110}


def build(name: str = "oracles") -> Path:
    """Return the environment's Python, having made the environment unless it is there."""
    lock, venv = ROOT / "infra" / name / "requirements.lock", ROOT / "var" / name
    python, made_from = venv / "bin" / "python", venv / "made-from"
    if runs(venv) and made_from.exists() and made_from.read_bytes() == lock.read_bytes():
        return python
    print(f"making var/{name}: {MEGABYTES[name]} MB, some minutes the first time", file=sys.stderr, flush=True)
    TOOLS.mkdir(parents=True, exist_ok=True)
    make_venv(venv)
    pip = find_pip(TOOLS)
    try:
        sync = ("pip", "sync", "-q", "--require-hashes", "--python", python, lock)
        subprocess.run([get_tool("uv", pip), *sync], env=uv_environment(pip), check=True)
    except (subprocess.CalledProcessError, OSError):
        pip.install(lock, into=venv)
    shutil.copyfile(lock, made_from)
    return python


if __name__ == "__main__":
    build(*sys.argv[1:2])
