"""Invite a worker from the shell."""

from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.console.commands import organization as named
from apps.pipeline import flow
from apps.workforce.inviting import CannotInvite


class Command(Base):
    help = "Invite somebody to work for an organization; the mail goes out by the belt, and the link is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", required=True, help="its short name")
        parser.add_argument("--language", action="append", default=[], help="that the worker speaks, as in en")
        parser.add_argument("--group", action="append", default=[], help="that the worker will be in")

    def run(self, email: str, organization: str, language: list[str], group: list[str], **options: Any) -> None:
        try:
            invitation = flow.invite(named(organization), email=email, languages=language, groups=group)
        except CannotInvite as error:
            raise CommandError(str(error)) from None
        self.say(flow.link_of(invitation))
