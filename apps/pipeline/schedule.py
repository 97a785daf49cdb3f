"""The table of what is done by the clock: `Entry("sweep", 30, ...)`, one line each."""

from apps.pipeline import actors
from apps.pipeline.outstanding import outstanding
from apps.pipeline.scheduler import Entry


def sweep() -> int:
    """Send again what is due and does not move."""
    return actors.sweep(outstanding())


ENTRIES: tuple[Entry, ...] = (Entry("sweep", 30, sweep),)
