"""Send again what is due and does not move."""

from typing import Any

from apps.console.commands import Command as Base
from apps.pipeline import schedule


class Command(Base):
    help = "Find what is due from the rows alone and send it to the workers; harmless at any time."

    def run(self, **options: Any) -> None:
        self.say(f"{schedule.sweep()} messages sent")
