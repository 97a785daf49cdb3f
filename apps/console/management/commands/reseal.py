"""Seal everything again that lies sealed in the database, under the first of the vault's keys."""

from typing import Any

from apps.console import sealed
from apps.console.commands import Command as Base
from apps.console.commands import CommandError


class Command(Base):
    help = (
        "Seal every secret in the database again under the first of LABELCROWD_VAULT_KEYS, so that the others can be "
        "dropped. May be stopped at any time and run again: it goes on with what is not sealed so yet."
    )

    def run(self, **options: Any) -> None:
        shut = 0
        for each in sealed.again():
            self.say(f"{each.model._meta.label}.{each.column}: {each.changed} of {each.seen} sealed again")
            shut += each.shut
        if shut:
            raise CommandError(f"{shut} are under none of the keys and stay as they are: bring back theirs")
        self.say("all is sealed under the first key")
