"""The table of what is done by the clock: `Entry("sweep", 30, ...)`, one line each."""

import logging

from apps.pipeline import actors
from apps.pipeline.outstanding import outstanding
from apps.pipeline.scheduler import Entry
from labelcrowd import broker

log = logging.getLogger(__name__)


def sweep() -> int:
    """Send again what is due and does not move."""
    return actors.sweep(outstanding())


def alarm() -> int:
    """Log an error when messages were taken long ago and never done; return how many."""
    count = broker.stuck()
    if count:
        log.error("%d messages were taken over %s ago and never done: a worker hangs", count, broker.STUCK_AFTER)
    return count


ENTRIES: tuple[Entry, ...] = (Entry("sweep", 30, sweep), Entry("alarm", 300, alarm))
