"""Payout batches from the shell."""

from datetime import UTC, date, datetime, time
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, organization
from apps.core import money
from apps.core.states import IllegalMove
from apps.members.models import Membership, Role, User
from apps.payments import services
from apps.payments.models import PayoutBatch


class Command(Base):
    help = (
        "Put what is owed into a batch of payouts (plan), let a batch be paid (approve), and list batches. Each payout "
        "is then confirmed with its receipt in the admin."
    )
    expected = (services.NothingOwed, IllegalMove, money.BadAmount)

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="plan|approve|list")
        plan = verbs.add_parser("plan", help="put all that is owed into a batch, a payout for each worker")
        plan.add_argument("--currency", required=True, help="as in USD")
        plan.add_argument("--until", help="owed before this day (UTC), as in 2026-06-01; all without it")
        approve = verbs.add_parser("approve", help="let a planned batch be paid")
        approve.add_argument("batch", help="its id, as list shows it")
        approve.add_argument("--by", required=True, help="e-mail of the member of finance who approves it")
        listing = verbs.add_parser("list", help="batches, newest first")
        for one in (plan, approve, listing):
            one.add_argument("--organization", help="short name; needed where there are several")

    def run(self, verb: str, **options: Any) -> None:
        {"plan": self._plan, "approve": self._approve, "list": self._list}[verb](options)

    def _plan(self, options: dict[str, Any]) -> None:
        until = _midnight(options["until"]) if options["until"] else None
        currency = money.check_currency(options["currency"])
        self._tell(services.plan_payouts(organization(options["organization"]), currency=currency, until=until))

    def _approve(self, options: dict[str, Any]) -> None:
        of = organization(options["organization"])
        batches = PayoutBatch.objects.filter(organization=of)
        batch = next((one for one in batches if str(one.pk) == options["batch"]), None)
        if batch is None:
            raise CommandError(f"{of} has no payout batch {options['batch']!r}")
        self._tell(services.approve_batch(batch, by=self._finance(options["by"], batch)))

    def _list(self, options: dict[str, Any]) -> None:
        for batch in PayoutBatch.objects.filter(organization=organization(options["organization"])):
            self._tell(batch)

    def _finance(self, email: str, batch: PayoutBatch) -> User:
        may = Membership.objects.filter(
            organization=batch.organization_id, user__email=email, role__in=[Role.FINANCE, Role.ADMIN]
        )
        found = may.select_related("user").first()
        if found is None:
            raise CommandError(f"{email} is neither finance nor admin of {batch.organization}")
        return found.user

    def _tell(self, batch: PayoutBatch) -> None:
        amounts = list(batch.payouts.values_list("amount", flat=True))
        total = money.show(sum(amounts), batch.currency)
        self.say(f"{batch.pk}  {batch.get_state_display():<9} {len(amounts):,} payouts, {total}")


def _midnight(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise CommandError(f"--until is {text!r}, it should be a day as in 2026-06-01") from None
