"""Make an access key to the MTurk-compatible API from the shell."""

from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.console.commands import organization as named_organization
from apps.members.models import User
from apps.turkapi.services import keys


class Command(Base):
    help = "Make a key by which scripts written for Amazon Mechanical Turk act in a requester's name; prints it once."
    expected = (keys.NotARequester,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the requester's e-mail address")
        parser.add_argument("--organization", help="its short name; may be left out where there is only one")
        parser.add_argument("--note", default="made by manage.py turk_key", help="what it is for")

    def run(self, email: str, note: str, **options: Any) -> None:
        of = named_organization(options["organization"])
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"there is no user {email!r}")
        key, secret = keys.make(of, user=user, note=note)
        self.say(f"export AWS_ACCESS_KEY_ID={key.pk}")
        self.say(f"export AWS_SECRET_ACCESS_KEY={secret}")
        self.say("export AWS_DEFAULT_REGION=us-east-1")
        self.stderr.write(f"a key of {user.email} in {of}; shown once")
