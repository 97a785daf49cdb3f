"""Files are read in a process of their own, with bounds on its memory and time: one that bursts takes nobody with it.

    python -m apps.pipeline.reading IMPORT SECONDS

is that process; a worker starts it and waits. Each batch is committed with its counters, so it may end anywhere.
"""

import enum
import os
import resource
import signal
import subprocess
import sys
import time
from uuid import UUID

from django.conf import settings

from labelcrowd.process import die_with_parent

# Beyond the seconds that it is asked to read: a batch that has begun, and starting up on a busy machine.
GRACE_SECONDS = 60.0


class Stretch(enum.IntEnum):
    """How reading ended, as an exit status."""

    OVER = 0  # the import is done or failed
    GOES_ON = 10  # the time was up
    BUSY = 11  # another import into the dataset runs


class _TimeIsUp(Exception):
    """A file was read long enough for one stretch; each of its batches is kept."""


class ReaderDied(RuntimeError):
    """The process that read a file died; what it committed is kept."""


def read(import_id: UUID, *, seconds: float) -> Stretch:
    """Read so long at least, and a batch; in a process apart unless LABELCROWD_IMPORT_MEMORY_MIB is 0."""
    return _apart(import_id, seconds) if settings.IMPORT_MEMORY_MIB else here(import_id, seconds=seconds)


def here(import_id: UUID, *, seconds: float) -> Stretch:
    """Read in this process; return how this import's reading ended.

    In the time that is left it reads what waits for the same dataset: to start a process costs more than a small file.
    One that kills it is found out by its own deliveries, as it is the first of its next process.
    """
    from apps.datasets.models import Import  # noqa: PLC0415  # the process apart bounds itself before it loads
    from apps.pipeline import uploads  # noqa: PLC0415

    end = time.monotonic() + seconds
    ended = _one(import_id, end)
    dataset = Import.objects.values_list("dataset", flat=True).get(pk=import_id)
    last = ended
    while last == Stretch.OVER and time.monotonic() < end and (following := next_into(dataset)):
        last = _one(following, end)
        uploads.drop(Import.objects.get(pk=following))
    return ended


def next_into(dataset: UUID) -> UUID | None:
    """Return the import that waits longest to be read into a dataset, but for what failed, or runs, by itself."""
    from apps.datasets import queries as datasets  # noqa: PLC0415
    from apps.pipeline import deliveries  # noqa: PLC0415

    by_itself = [UUID(key) for key in deliveries.begun("bring_in")]
    waiting = datasets.unfinished_imports().filter(dataset=dataset).exclude(pk__in=by_itself)
    return waiting.values_list("pk", flat=True).first()


def _one(import_id: UUID, end: float) -> Stretch:
    from apps.datasets import services as datasets  # noqa: PLC0415
    from apps.datasets.models import Import  # noqa: PLC0415

    def pause(job: Import) -> None:
        if time.monotonic() > end:
            raise _TimeIsUp

    try:
        datasets.run_import(import_id, progress=pause)
    except _TimeIsUp:
        return Stretch.GOES_ON
    except datasets.ImportBusy:
        return Stretch.BUSY
    except MemoryError:
        datasets.refuse_import(import_id, problem=too_large())
    return Stretch.OVER


def too_large() -> str:
    """Return why a file is refused that takes too much memory."""
    return f"reading it takes more memory than the {settings.IMPORT_MEMORY_MIB} MiB there may be"


def _apart(import_id: UUID, seconds: float) -> Stretch:
    command = [sys.executable, "-m", "apps.pipeline.reading", str(import_id), str(seconds)]
    try:
        ended = subprocess.run(  # noqa: S603  # our own program, and an id
            command,
            cwd=settings.BASE_DIR,
            timeout=seconds + GRACE_SECONDS,
            preexec_fn=die_with_parent(signal.SIGKILL),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReaderDied(f"import {import_id} read no batch within {seconds + GRACE_SECONDS:.0f} s") from None
    try:
        return Stretch(ended.returncode)
    except ValueError:
        raise ReaderDied(f"the reader of import {import_id} ended with {ended.returncode}") from None


def _bound(seconds: float) -> None:
    """Bound this process's memory (RLIMIT_AS) and processor time, for good."""
    most = settings.IMPORT_MEMORY_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    most_seconds = int(seconds + GRACE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(import_id: str, seconds: str) -> int:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    _bound(float(seconds))
    django.setup()
    return int(here(UUID(import_id), seconds=float(seconds)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
