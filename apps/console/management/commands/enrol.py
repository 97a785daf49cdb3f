"""Make a member of an organization from the shell."""

import secrets
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser
from apps.members import services
from apps.members.models import Organization, Role, User
from apps.workforce import services as workforce


class Command(Base):
    help = "Give a person a role in an organization, founding it if it is new; prints a new person's password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", required=True, help="its short name; founded if there is none")
        parser.add_argument("--role", required=True, choices=[*Role.values, "worker"])

    def run(self, email: str, organization: str, role: str, **options: Any) -> None:
        of = services.found(organization, slug=organization)
        user = User.objects.filter(email=email).first() or self._new(email)
        self._enrol(user, of, role)
        self.say(f"{email} is {role} of {of}")

    def _new(self, email: str) -> User:
        password = secrets.token_urlsafe(12)
        self.say(f"password of {email} (shown once): {password}")
        return User.objects.create_user(email, password)

    def _enrol(self, user: User, of: Organization, role: str) -> None:
        if role == "worker":
            workforce.register(of, external_id=user.email, user=user, name=str(user))
        else:
            services.enrol(user, organization=of, role=Role(role))
