"""The scheduler process."""

from typing import Any

from apps.console.commands import Command as Base
from apps.pipeline import scheduler
from apps.pipeline.schedule import ENTRIES
from labelcrowd.stopping import Stopping


class Command(Base):
    help = "Do by the clock what apps/pipeline/schedule.py names, until stopped; several may run."

    def run(self, **options: Any) -> None:
        scheduler.run(ENTRIES, Stopping())
