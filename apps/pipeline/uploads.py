"""Files that were sent to be imported: kept until their rows are in, and not for ever where they never will be."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from apps.core import clock
from apps.datasets.models import Import

KEPT = timedelta(days=7)  # of an import that failed, so that somebody may look why
UNDER_WAY = (Import.State.WAITING, Import.State.RUNNING)


def drop(job: Import) -> bool:
    """Remove the file of an import that is done; return whether there was one that had been sent to us.

    A file or folder of somebody's own, which a command was pointed at, is never touched.
    """
    folder = Path(job.path).parent
    if job.state != Import.State.DONE or folder.parent != _root() or not folder.is_dir():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


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
