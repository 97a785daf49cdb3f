"""Publish terms from the shell."""

from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.console.commands import organization as named
from apps.members import consent


class Command(Base):
    help = "Publish what an organization's workers agree to, as a new version; without a file, our suggestion."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="Markdown")
        parser.add_argument("--organization", required=True, help="its short name")

    def run(self, file: Path | None, organization: str, **options: Any) -> None:
        try:
            text = file.read_text("utf-8") if file else consent.SUGGESTION
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from None
        terms = consent.publish(named(organization), text=text)
        self.say(f"{terms} is published")
