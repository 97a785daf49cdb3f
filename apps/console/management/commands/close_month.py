"""Close a month of the books."""

from datetime import date, datetime
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, finance, organization
from apps.core import clock, money
from apps.ledger.services import NotOver
from apps.payments import services
from apps.pipeline import market_open
from apps.reports.payments.month import month


class Command(Base):
    help = (
        "Close a month of the books, and all before it, for good: nothing is posted into it any more. Without --by it "
        "is only shown, with what stands in the way."
    )
    expected = (services.CantClose, NotOver)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="as in 2026-10")
        parser.add_argument("--by", help="e-mail of the member of finance who closes it")
        parser.add_argument("--organization", help="short name; needed where there are several")

    def run(self, **options: Any) -> None:
        of = organization(options["organization"])
        first = _first_day(options["month"])
        shown = month(of, day=first, now=clock.now())
        for one in shown.statements:
            for kind, amount in zip(one.accounts, one.closing, strict=True):
                self.say(f"{kind:<8} {money.show(amount, one.currency):>20}")
        for sentence in shown.blocks:
            self.say(f"in the way: {sentence}")
        for sentence in market_open.sentences(of):
            self.say(f"to know: {sentence}")
        if not options["by"]:
            return
        closing = services.close_month(of, month=first, by=finance(options["by"], of))
        self.say(f"{closing} is closed: {closing.postings:,} postings, SHA-256 {closing.sha256}")


def _first_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, not a moment
    except ValueError:
        raise CommandError(f"the month is {text!r}, it should be written as in 2026-10") from None
