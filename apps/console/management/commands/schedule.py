"""The scheduler process."""

from typing import Any

from apps.console.commands import Command as Base
from apps.pipeline import scheduler
from apps.pipeline.schedule import ENTRIES
from apps.pipeline.scheduler import Entry
from apps.turkapi.services import tokens
from labelcrowd.stopping import Stopping

# The belt does not know the interfaces above it: what is theirs to do by the clock is added here.
ALL = (*ENTRIES, Entry("forget tokens", 3600, tokens.forget))


class Command(Base):
    help = "Do by the clock what apps/pipeline/schedule.py names, until stopped; several may run."

    def run(self, **options: Any) -> None:
        scheduler.run(ALL, Stopping())
