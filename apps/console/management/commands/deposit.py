"""Book a deposit."""

from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, organization
from apps.core import money
from apps.ledger import queries, services


class Command(Base):
    help = "Book money that came in from outside into an organization's funds; once for a reference."
    expected = (money.BadAmount, services.OtherEntry, services.BadReference)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("amount", help="as in 250.00")
        parser.add_argument("currency", help="as in USD")
        parser.add_argument("reference", help="what names this deposit, as the bank does")
        parser.add_argument("--organization")

    def run(self, amount: str, currency: str, reference: str, **options: Any) -> None:
        of = organization(options["organization"])
        services.deposit(of, amount=money.to_minor(amount, currency), currency=currency, reference=reference)
        funds = queries.balance(of, kind="funds", currency=currency)
        self.say(f"{of} has {money.show(funds, currency)} that no campaign has yet")
