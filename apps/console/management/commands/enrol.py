"""Make a member of an organization from the shell."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.members import accounts, services
from apps.members.models import Role
from apps.workforce import services as workforce


class Command(Base):
    help = "Give a person a role in an organization, founding it if it is new; prints a new person's password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", required=True, help="its short name; founded if there is none")
        parser.add_argument("--role", required=True, choices=[*Role.values, "worker"])

    def run(self, email: str, organization: str, role: str, **options: Any) -> None:
        _check(validate_email, email, f"{email!r} is not an e-mail address, as in ada@example.org")
        _check(validate_slug, organization, f"{organization!r} is not a short name: letters, digits, - and _ only")
        with transaction.atomic():
            of = services.found(organization, slug=organization)
            user, password = accounts.log_in(email, of=of.pk, by_shell=True)
            if role == "worker":
                workforce.register(of, external_id=workforce.pseudonym(of, user), user=user, name=user.name)
            else:
                services.enrol(user, organization=of, role=Role(role))
        if password:
            self.say(f"password of {email} (shown once): {password}")
        self.say(f"{email} is {role} of {of}")


def _check(validate: Callable[[str], None], value: str, sentence: str) -> None:
    try:
        validate(value)
    except ValidationError:
        raise CommandError(sentence) from None
