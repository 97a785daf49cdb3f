"""What is streamed in: kept on the disk a piece at a time, counted and hashed, for the worker that imports it."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from apps.api.problems import Problem
from apps.core import ids
from labelcrowd.durable import sync

PIECE = 2**18


@dataclass(frozen=True)
class Kept:
    """An uploaded file in a folder of its own."""

    path: Path
    sha256: str
    bytes: int

    def drop(self) -> None:
        """Remove it: it turned out to be no use."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def keep(stream: BinaryIO, *, suffix: str) -> Kept:
    """Keep a stream as a file, on the disk itself once this returns: who sent it may forget it then.

    Raises `Problem` (413) once it is longer than LABELCROWD_MOST_UPLOAD_BYTES, and `BadBody` where it was cut off.
    """
    folder = Path(settings.UPLOAD_ROOT) / ids.new_id().hex
    folder.mkdir(parents=True, mode=0o700)
    path = folder / f"upload{suffix}"
    told, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as file:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > settings.MOST_UPLOAD_BYTES:
                    raise Problem(
                        413, f"the body is longer than {settings.MOST_UPLOAD_BYTES:,} bytes, the most there may be"
                    )
                told.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        for above in (folder, folder.parent):  # and that there is such a file
            sync(above)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Kept(path, told.hexdigest(), size)
