"""Make a token for a machine from the shell."""

from typing import Any

from django.db.models import Q

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.console.commands import organization as named_organization
from apps.members import services
from apps.members.models import Organization, Scope, User
from apps.workforce.models import Channel, Worker


class Command(Base):
    help = "Make a token by which a machine acts as a member, or as a worker; prints it once."
    expected = (services.BadToken,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="a member's e-mail address; with --channel, a worker's, or their id there")
        parser.add_argument("--organization", help="its short name; may be left out where there is only one")
        parser.add_argument("--channel", choices=Channel.values, help="make it a worker's token, of this channel")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="may be given several times")
        parser.add_argument("--days", type=int, default=90, help="until it ends (default: 90)")
        parser.add_argument("--name", default="made by manage.py token", help="what it is for")

    def run(self, who: str, channel: str | None, scope: list[str] | None, days: int, name: str, **options: Any) -> None:
        of = named_organization(options["organization"])
        whose: dict[str, Any] = {"worker": _worker(of, channel, who).pk} if channel else {"user": _user(of, who)}
        scopes = scope or [Scope.WORK if channel else Scope.READ]
        token, secret = services.make_token(of, name=name, scopes=scopes, days=days, **whose)
        self.say(secret)
        self.stderr.write(
            f"a token of {who} in {of} for {', '.join(token.scopes)} until {token.expires_at:%Y-%m-%d}; shown once"
        )


def _user(of: Organization, email: str) -> User:
    found = User.objects.filter(email__iexact=email).first()
    if found is None or not (found.memberships.filter(organization=of).exists() or _works(of, found)):
        raise CommandError(f"{email!r} is neither a member nor a worker of {of}")
    return found


def _works(of: Organization, user: User) -> bool:
    return Worker.objects.filter(organization=of, user=user).exists()


def _worker(of: Organization, channel: str, who: str) -> Worker:
    found = Worker.objects.filter(
        Q(external_id=who) | Q(user__email__iexact=who), organization=of, channel=channel
    ).first()
    if found is None:
        raise CommandError(f"there is no worker {who!r} of {of} on the channel {channel!r}")
    return found
