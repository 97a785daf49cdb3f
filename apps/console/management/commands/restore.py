"""Bring a backup back."""

from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, readable
from apps.console.database import address
from labelcrowd.embedded_postgres import EmbeddedPostgresError, archive


class Command(Base):
    help = "Bring a backup back into an empty database, whole or not at all; a database that holds anything is refused."
    expected = (EmbeddedPostgresError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="what `backup` wrote")

    def run(self, file: str, **options: Any) -> None:
        archive.restore(Path(readable(file)), address())
        self.say(f"restored from {file}")
