"""Files that requesters send, kept where the worker that imports them can read them."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from apps.core import ids


def keep(file: "UploadedFile[bytes]") -> Path:
    """Keep an uploaded file under a folder of its own, so that it may have the name it came with; return where."""
    folder = Path(settings.UPLOAD_ROOT) / ids.new_id().hex
    folder.mkdir(parents=True, mode=0o700)
    # Only the ending matters to the import; the name people know is kept in the row.
    path = folder / f"upload{Path(file.name or '').suffix.lower()}"
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return path


def drop(path: Path) -> None:
    """Remove an uploaded file that turned out to be no use."""
    shutil.rmtree(path.parent, ignore_errors=True)
