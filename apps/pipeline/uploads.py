"""Files that were sent to be imported: kept until their rows are in, and not for ever where they never will be.

Whatever door they come in by: a piece at a time, counted and hashed, and on the disk itself before anybody is told.
"""

import contextlib
import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Greatest

from apps.core import clock, ids
from apps.datasets.models import Import
from apps.members.models import Organization
from labelcrowd.durable import sync

PIECE = 2**18
LOOK_EVERY = 2**24  # bytes of a file that arrives, after which it is asked what else has arrived meanwhile
COMING = "coming"  # what a file is called until all of it is there; its folder is named for its organization
STILL = timedelta(minutes=10)  # since it was last written to: what does not come on for longer comes no more
KEPT = timedelta(days=7)  # of an import that failed, so that somebody may look why
UNDER_WAY = (Import.State.WAITING, Import.State.RUNNING)


class TooMuch(Exception):
    """A file is longer than there may be, or than its organization has room for; str() says how much that is."""


class Stream(Protocol):
    """What bytes are read from, a piece at a time."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Kept:
    """A file that was sent, in a folder of its own."""

    path: Path
    sha256: str
    bytes: int

    def drop(self) -> None:
        """Remove it: it turned out to be no use."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def keep(stream: Stream, *, suffix: str, of: Organization) -> Kept:
    """Keep a stream as a file, on the disk itself once this returns: who sent it may forget it then.

    Raises `TooMuch` once it is longer than LABELCROWD_MOST_UPLOAD_BYTES or than what its organization has room for, and
    what the stream raises where it was cut off.
    """
    folder = Path(settings.UPLOAD_ROOT) / f"{of.pk.hex}-{ids.new_id().hex}"
    folder.mkdir(parents=True, mode=0o700)
    path = folder / f"upload{suffix}"
    told, size, stored, looked = hashlib.sha256(), 0, stored_bytes(of), -LOOK_EVERY
    try:
        with (folder / COMING).open("wb") as file:
            while piece := stream.read(PIECE):
                if size >= looked + LOOK_EVERY:
                    others, looked = _coming_bytes(before=folder), size
                size += len(piece)
                if size > settings.MOST_UPLOAD_BYTES:
                    raise TooMuch(
                        f"the body is longer than {settings.MOST_UPLOAD_BYTES:,} bytes, the most there may be"
                    )
                _check_room(of, stored + others, size)
                told.update(piece)
                file.write(piece)
            (folder / COMING).rename(path)
            file.flush()
            os.fsync(file.fileno())
        for above in (folder, folder.parent):  # and that there is such a file
            sync(above)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Kept(path, told.hexdigest(), size)


def stored_bytes(of: Organization) -> int:
    """Return how many bytes an organization sent that lie here: as files that wait, or as items and media.

    Of a file of rows that was read, that part of it counts by which it has brought something in; one with media whole.
    """
    waits = Q(state__in=UNDER_WAY) | Q(state=Import.State.FAILED, finished_at__gt=clock.now() - KEPT)
    whole = waits | Q(files_read__gt=0)  # its rows are not alike: one is a film
    came = F("rows_added") + F("files_read")
    part = F("bytes_total") * came / Greatest(came + F("rows_known") + F("rows_bad"), 1)
    counted = Case(When(whole, then=F("bytes_total")), default=part)
    return Import.objects.filter(dataset__organization=of).aggregate(sum=Sum(counted))["sum"] or 0


def _coming_bytes(*, before: Path) -> int:
    """Return how many bytes are here of an organization's files that began to arrive earlier, and arrive still.

    Of two that find no room together the first one does: folders' names are in order of time. In any process.
    """
    found = 0
    since = (clock.now() - STILL).timestamp()
    for file in before.parent.glob(f"{before.name.partition('-')[0]}-*/{COMING}"):
        if file.parent.name < before.name:
            with contextlib.suppress(FileNotFoundError):  # all of it is there by now, or it was given up
                now = file.stat()
                found += now.st_size if now.st_mtime > since else 0
    return found


def take_room(of: Organization, size: int) -> None:
    """Make sure that an organization has room for so many bytes more, or raise `TooMuch`.

    Within a transaction, until whose end no other file of its comes in: two at once had both found room.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=of.pk)
    _check_room(of, stored_bytes(of), size)


def _check_room(of: Organization, stored: int, size: int) -> None:
    if stored + size > settings.MOST_STORED_BYTES:
        raise TooMuch(
            f"{of} has {stored:,} bytes of files here and may have {settings.MOST_STORED_BYTES:,}: there is no "
            "room for this one. Files that failed are given up after 7 days, rows that were refused or known take no "
            "room, and a dataset that no campaign uses can be removed; who runs this site can give more "
            "(LABELCROWD_MOST_STORED_BYTES)"
        )


def drop(job: Import) -> bool:
    """Remove the file of an import that is done; return whether there was one that had been sent to us.

    A file or folder of somebody's own, which a command was pointed at, is never touched.
    """
    folder = Path(job.path).parent
    if job.state != Import.State.DONE or folder.parent != _root() or not folder.is_dir():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def drop_path(path: str) -> None:
    """Remove a file that was sent to us and whose import is gone; what is somebody's own stays."""
    folder = Path(path).parent
    if folder.parent == _root():
        shutil.rmtree(folder, ignore_errors=True)


def clear() -> int:
    """Remove the files whose import is done or ended long ago, and those that none was ever asked for; return how many.

    What a killed process left behind is found here.
    """
    if not _root().is_dir():
        return 0
    old = [folder for folder in _root().iterdir() if folder.is_dir()]
    wanted = {
        Path(path).parent
        for path in Import.objects.filter(state__in=UNDER_WAY, path__startswith=f"{_root()}/").values_list(
            "path", flat=True
        )
    }
    done = {
        Path(path).parent
        for path in Import.objects.filter(
            state=Import.State.DONE, path__in=[str(p) for f in old for p in f.iterdir()]
        ).values_list("path", flat=True)
    }
    gone = [folder for folder in old if folder in done or (folder not in wanted and _age(folder) > KEPT)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _root() -> Path:
    return Path(settings.UPLOAD_ROOT).resolve()


def _age(folder: Path) -> timedelta:
    return clock.now() - datetime.fromtimestamp(folder.stat().st_mtime, UTC)
