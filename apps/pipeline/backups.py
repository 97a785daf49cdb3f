"""Backups by the clock: a folder of dumps, the newest so many, made by a program of its own."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from apps.pipeline.models import Backup

log = logging.getLogger(__name__)

PATTERN = "labelcrowd-*.dump"
NAME = "labelcrowd-%Y%m%dT%H%M%SZ.dump"
_running: list[subprocess.Popen[bytes]] = []


def name(at: datetime) -> str:
    """Return what a backup of this moment is called: names sort as moments do.

    >>> name(datetime(2026, 11, 24, 3, 45, tzinfo=UTC))
    'labelcrowd-20261124T034500Z.dump'
    """
    return at.astimezone(UTC).strftime(NAME)


def moment(file: Path) -> datetime | None:
    """Return the moment that a backup is named after, None of one that somebody named otherwise.

    >>> moment(Path("labelcrowd-20261124T034500Z.dump"))
    datetime.datetime(2026, 11, 24, 3, 45, tzinfo=datetime.timezone.utc)
    """
    try:
        return datetime.strptime(file.name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def start(folder: Path) -> None:
    """Begin a backup and don't wait for it: the sweep must go on. One that still runs is let finish first."""
    _running[:] = [process for process in _running if process.poll() is None]
    if _running:
        log.warning("the backup before still runs: no other is begun")
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "backup", str(folder)]
    kept = ["--keep", str(settings.BACKUPS_KEPT)]
    _running.append(subprocess.Popen([*command, *kept], stdin=subprocess.DEVNULL))  # noqa: S603 - our own command


def keep(folder: Path, newest: int) -> list[Path]:
    """Delete all but the newest backups of a folder, and what killed ones left unfinished a day ago; return those."""
    old = sorted(folder.glob(PATTERN), reverse=True)[newest:]
    left = [file for file in folder.glob(f".{PATTERN}-*") if time.time() - file.stat().st_mtime > 86400]
    for file in [*old, *left]:
        file.unlink(missing_ok=True)
    return [*old, *left]


def note(folder: Path, *, size: int, at: datetime) -> Backup:
    """Write down that a backup of a moment is in a folder."""
    return Backup.objects.create(folder=str(folder.resolve()), bytes=size, made_at=at)


def age() -> float | None:
    """Return how many seconds old the newest backup is; None where none are made, infinity where none is yet.

    Rows tell of those that another machine made; files, of those from before there were such rows.
    """
    if settings.BACKUP_FOLDER is None:
        return None
    folder = settings.BACKUP_FOLDER.resolve()
    made = [file.stat().st_mtime for file in folder.glob(PATTERN)]
    newest = Backup.objects.filter(folder=str(folder)).aggregate(at=Max("made_at"))["at"]
    if newest is not None:
        made.append(newest.timestamp())
    return time.time() - max(made) if made else float("inf")
