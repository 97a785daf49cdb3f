"""What the commands share: finding rows by the names people use, and one-line errors."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable

from apps.campaigns import queries as campaign_queries
from apps.campaigns.models import Campaign
from apps.datasets import services as datasets
from apps.datasets.models import Dataset
from apps.members.models import Membership, Organization, Role, User

__all__ = ["Command", "CommandError", "CommandParser", "Progress", "campaign", "dataset", "finance", "organization"]


class Command(BaseCommand):
    """A command whose expected errors are one sentence, without a traceback."""

    requires_system_checks: list[str] = []  # a second saved on every call
    expected: tuple[type[Exception], ...] = ()

    def handle(self, *args: Any, **options: Any) -> str | None:
        try:
            self.run(**options)
            self._reach(self.stdout.flush)
        except self.expected as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"the database does not answer: {_first_line(error)}") from error
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable):
                raise
            raise CommandError("the database has no tables of ours yet: run `manage.py migrate` first") from error
        return None

    run: Callable[..., None]  # does it, with the options by name; what it raises of `expected` is told in a sentence

    def say(self, text: str = "") -> None:
        self._reach(lambda: self.stdout.write(text))

    @staticmethod
    def _reach(tell: Callable[[], object]) -> None:
        """Tell; once who reads has gone, as `head` has, nobody: what is to be done and written is done still."""
        try:
            tell()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


class Progress:
    """A bar on a terminal, a line at every tenth elsewhere.

    Args:
        patience: seconds after which a bar begins to be shown, if anything is left to be done then.
    """

    WIDTH = 30

    def __init__(
        self, what: str, total: int, write: Callable[[str], object] | None = None, *, patience: float = 0.0
    ) -> None:
        self.what, self.total = what, max(total, 1)
        self.live = sys.stderr.isatty() and write is None
        self.write = write or (lambda text: print(text, end="", file=sys.stderr, flush=True))  # noqa: T201
        self.tenth = -1
        self.shows_from = time.monotonic() + patience
        self.is_shown = not patience

    def at(self, done: int, note: str = "") -> None:
        """Show that `done` of the total is done."""
        if not self.is_shown and (time.monotonic() < self.shows_from or done >= self.total):
            return
        self.is_shown = True
        share = min(1.0, done / self.total)
        if self.live:
            full = round(share * self.WIDTH)
            bar = "█" * full + "░" * (self.WIDTH - full)
            self.write(f"\r\x1b[K  {self.what:<24} {bar} {share:4.0%}  {done:,}/{self.total:,} {note}")
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            self.write(f"  {self.what}: {share:.0%}, {done:,} of {self.total:,} {note}\n")

    def end(self) -> None:
        """Leave the bar and go to the next line."""
        if self.live and self.is_shown:
            self.write("\n")

    def far(self, done: int, most: int) -> None:
        """Show that `done` of `most` is done, where only the work itself knows how much there is."""
        self.total = max(most, 1)
        self.at(done)

    def finish(self) -> None:
        """Fill the bar, where there is one, and leave it: what is done may have needed fewer steps than it might."""
        if self.is_shown:
            self.at(self.total)
            self.end()


def organization(slug: str | None) -> Organization:
    """Return the organization with this short name; without one, the only organization there is."""
    if slug:
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"there is no organization {slug!r}: there are {_slugs()}")
        return found
    both = list(Organization.objects.all()[:2])
    if len(both) != 1:
        raise CommandError(f"say which organization with --organization: there are {_slugs()}")
    return both[0]


def dataset(name: str, of: Organization) -> Dataset:
    """Return the organization's dataset of this name, a new one if there is none."""
    return datasets.open_dataset(of, name=name)


def campaign(text: str) -> Campaign:
    """Return the campaign with this id or name."""
    try:
        return campaign_queries.named(text)
    except Campaign.DoesNotExist as error:
        raise CommandError(str(error)) from error


def finance(email: str, of: Organization) -> User:
    """Return the member of finance, or admin, of the organization who has this e-mail address."""
    may = Membership.objects.filter(organization=of, user__email=email, role__in=[Role.FINANCE, Role.ADMIN])
    found = may.select_related("user").first()
    if found is None:
        raise CommandError(f"{email} is neither finance nor admin of {of}")
    return found.user


def readable(path: str) -> Path:
    """Return the path of a file that is there."""
    file = Path(path)
    if not file.is_file():
        raise CommandError(f"there is no file {path!r}")
    return file


def writable(path: str) -> Path:
    """Return the path of a file that can be written: its folder is there. A mistyped one is told, and not made."""
    file = Path(path)
    if not file.parent.is_dir():
        raise CommandError(f"there is no folder {str(file.parent)!r} to write {file.name!r} into")
    return file


def text_of(path: str) -> str:
    """Return what a file of text holds."""
    try:
        return readable(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not text in UTF-8: {error.reason} at byte {error.start}") from None
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from None


def check_least(least: int, **numbers: int) -> None:
    """Refuse options whose numbers are too small; `numbers` by the names of the options."""
    for name, number in numbers.items():
        if number < least:
            raise CommandError(f"--{name} is {number}, it should be at least {least}")


def refuse(why: str, **options: object) -> None:
    """Refuse options that were given and do not apply here, lest they be passed over; `options` by their names.

    Args:
        why: ends the sentence that the option's name begins.
    """
    for name, given in options.items():
        if given is not None:
            raise CommandError(f"--{name.replace('_', '-')} {why}")


def _slugs() -> str:
    return ", ".join(repr(slug) for slug in Organization.objects.values_list("slug", flat=True)) or "none"
