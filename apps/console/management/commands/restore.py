"""Bring a backup back."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from apps.console import sealed
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
        connection.close()  # it saw the database before
        try:
            shut = sealed.shut()
        except DatabaseError:
            self.say(
                "it is of another version: run `migrate`, then `reseal`, which tells whether its secrets can be read"
            )
            return
        if shut:
            self.stderr.write(
                f"what is encrypted in it can't be read ({', '.join(shut)}): it is under another key than those of "
                f"this instance. Bring {settings.VAR / 'vault_key'} of the instance that was backed up here, or put "
                "what it holds behind the key that there is, in LABELCROWD_VAULT_KEYS; until then payments, webhooks "
                "and access keys that need it are refused"
            )
