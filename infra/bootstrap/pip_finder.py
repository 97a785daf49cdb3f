"""Finds a pip: the one of this Python, the one it can unpack, or the system's wheel of it.

A bare Debian or Ubuntu has neither pip nor ensurepip. Its own package of pip's wheel can be fetched and used by
anybody, without root and without installing it.
"""

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class NoPip(Exception):
    """This Python has no pip, and none could be fetched; str() says what to install."""


@dataclass(frozen=True)
class Pip:
    """A command that is pip, and what it needs in its environment."""

    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def install(self, lock: Path, *, into: Path) -> None:
        """Install what `lock` pins, by hash, into a virtual environment; raises CalledProcessError."""
        options = ("install", "-qq", "--require-hashes", "--no-deps", "--requirement", str(lock))
        subprocess.run(
            [*self.command, "--disable-pip-version-check", "--python", str(into / "bin" / "python"), *options],
            env=self.environment | os.environ,
            check=True,
        )

    def settings_for_uv(self) -> dict[str, str]:
        """Return how pip is set up here (index, folders of wheels, certificates) in the variables that uv reads.

        uv doesn't read pip's files; where they name the only index that can be reached, uv would fail without.
        """
        listed = subprocess.run([*self.command, "config", "list"], capture_output=True, text=True, check=True).stdout
        found = {}
        for line in listed.splitlines():  # lowest precedence first, so that the last word wins
            name, _, value = line.partition("=")
            found[name.rpartition(".")[2]] = " ".join(ast.literal_eval(value).split())
        settings = {
            "UV_DEFAULT_INDEX": found.get("index-url", ""),
            "UV_INDEX": found.get("extra-index-url", ""),
            "UV_FIND_LINKS": found.get("find-links", "").replace(" ", ","),
            "UV_INSECURE_HOST": found.get("trusted-host", ""),
            "SSL_CERT_FILE": found.get("cert", ""),
            # As pip does: the best of all indexes. Hashes say which file is meant, wherever it comes from.
            "UV_INDEX_STRATEGY": "unsafe-best-match",
        }
        return {name: value for name, value in settings.items() if value}


def find_pip(folder: Path) -> Pip:
    """Return a pip; `folder` is where a fetched one is kept. Raises NoPip."""
    own = Pip((sys.executable, "-m", "pip"))
    if _works(own):
        return own
    unpacked = folder / "pip"
    if not unpacked.exists():
        subprocess.run([sys.executable, "-m", "venv", unpacked], capture_output=True, check=False)
    from_venv = Pip((str(unpacked / "bin" / "python"), "-m", "pip"))
    if _works(from_venv):
        return from_venv
    return _from_system_packages(folder)


def _works(pip: Pip) -> bool:
    try:
        return subprocess.run([*pip.command, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _from_system_packages(folder: Path) -> Pip:
    """Fetch pip's wheel, and certificates where the machine has none, from the system's packages."""
    unpacked = folder / "packages"
    if not list(unpacked.rglob("pip-*.whl")):
        print("this Python has no pip: fetching the system's package of it", file=sys.stderr, flush=True)
        _fetch(["python3-pip-whl", "ca-certificates"], unpacked)
    wheel = next(unpacked.rglob("pip-*.whl"))
    certificates = SYSTEM_CERTIFICATES
    if not certificates.exists():
        certificates = folder / "certificates.pem"
        certificates.write_bytes(b"".join(path.read_bytes() for path in sorted(unpacked.rglob("*.crt"))))
    return Pip((sys.executable, f"{wheel}/pip"), {"PIP_CERT": str(certificates)})


def _fetch(packages: list[str], folder: Path) -> None:
    """Unpack the system's `packages` into `folder`; leaves the system as it is, and needs no root."""
    for needed in ("lists/partial", "cache/archives/partial"):
        (folder / needed).mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    if os.geteuid() == 0:
        apt += ["-o", "APT::Sandbox::User=root"]  # apt's own user can't write into our folder
    try:
        subprocess.run([*apt, "update"], cwd=folder, check=True)
        subprocess.run([*apt, "download", *packages], cwd=folder, check=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        for used in ("lists", "cache"):
            shutil.rmtree(folder / used)
    except (OSError, subprocess.CalledProcessError) as failure:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise NoPip(
            f"{sys.executable} has no pip and it could not be fetched ({failure}): "
            f"install the package python{version}-venv or python3-pip, then run make again"
        ) from failure
