"""Back the database up."""

from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser
from apps.console.database import address
from apps.core import clock
from apps.pipeline import backups
from labelcrowd.embedded_postgres import EmbeddedPostgresError, archive


class Command(Base):
    help = (
        "Write a consistent copy of the database to a file, while everything goes on; the file appears whole or not at "
        "all, and only you can read it. Media and uploads lie in folders of their own."
    )
    expected = (EmbeddedPostgresError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="or a folder, in which it gets the name of the moment")
        parser.add_argument("--keep", type=int, metavar="N", help="of a folder's backups keep the newest N only")

    def run(self, file: Path, keep: int | None, **options: Any) -> None:
        folder = file if file.is_dir() else None
        now = clock.now()
        target = file / backups.name(now) if folder else file
        archive.backup(address(), target)
        size = target.stat().st_size
        self.say(f"{target}: {size:,} bytes")
        if folder:
            backups.note(folder, size=size, at=now)
        if folder and keep:
            for gone in backups.keep(folder, keep):
                self.say(f"{gone}: deleted")
