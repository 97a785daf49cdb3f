"""Write what was owed in a period to a file."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, organization, writable
from apps.reports import formats, payments
from apps.reports.manifest import beside


class Command(Base):
    help = (
        "Write every payment owed in a period, and a manifest beside it; the totals are checked against the books "
        "first, and the same period gives the same bytes."
    )
    expected = (payments.BadPeriod, payments.BooksDiffer, formats.UnknownFormat, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="since", required=True, help="first day that is in it, as in 2026-05-01; days are UTC"
        )
        parser.add_argument(
            "--to", dest="until", required=True, help="first day that is NOT in it: 2026-06-01 for all of May"
        )
        parser.add_argument("--format", choices=payments.format_names(), default="csv")
        parser.add_argument("--organization", help="short name; needed where there are several")
        parser.add_argument("--out", help="the file; payments-FROM-TO.FORMAT here without it")

    def run(self, since: str, until: str, **options: Any) -> None:
        out = options["out"] or f"payments-{since}-{until}.{options['format']}"
        first, after = _midnight(since, "--from"), _midnight(until, "--to")
        of = organization(options["organization"])
        manifest = payments.write_payments(of, since=first, until=after, format=options["format"], path=writable(out))
        totals = ", ".join(f"{total} {currency}" for currency, total in manifest.totals.items()) or "nothing owed"
        self.say(f"{out}: {manifest.rows:,} payments, {totals}; manifest in {beside(Path(out))}")


def _midnight(text: str, option: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise CommandError(f"{option} is {text!r}, it should be a day as in 2026-05-01") from None
