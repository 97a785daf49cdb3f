"""Back the database up."""

from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser
from apps.console.database import address
from labelcrowd.embedded_postgres import EmbeddedPostgresError, archive


class Command(Base):
    help = (
        "Write a consistent copy of the database to a file, while everything goes on; the file appears whole or not at "
        "all, and only you can read it. Media and uploads lie in folders of their own."
    )
    expected = (EmbeddedPostgresError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, file: Path, **options: Any) -> None:
        archive.backup(address(), file)
        self.say(f"{file}: {file.stat().st_size:,} bytes")
