"""Payout batches from the shell."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, finance, organization, readable
from apps.core import money
from apps.core.states import IllegalMove
from apps.members.models import Organization, User
from apps.payments import results, services
from apps.payments.models import PayoutBatch
from apps.pipeline import flow
from apps.reports.payments import paying
from apps.workforce.own_pay import OwnPay


class Command(Base):
    help = (
        "Put what is owed into a batch of payouts (plan), let it be paid (approve) or not (cancel), write the file "
        "that a bank takes (send), take what became of it (results), and list batches."
    )
    expected = (
        services.NothingOwed, services.NeedsAnother, services.BadResults, paying.NotPayable, IllegalMove,
        money.BadAmount, OwnPay, OSError,
    )  # fmt: skip

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="plan|approve|cancel|send|results|list")
        plan = verbs.add_parser("plan", help="put all that is owed into a batch, a payout for each worker")
        plan.add_argument("--currency", required=True, help="as in USD")
        plan.add_argument("--until", help="owed before this day (UTC), as in 2026-06-01; all without it")
        plan.add_argument("--by", help="e-mail of the member of finance who plans it")
        says = {
            "approve": "let a planned batch be paid",
            "cancel": "give a planned batch up: all that is in it is owed again",
            "send": "begin the payouts that a bank's file can pay, and write it",
            "results": "book a CSV of payout, receipt, problem, and the bank's day as executed_on: sent, or owed again",
        }
        of_batch = {verb: verbs.add_parser(verb, help=what) for verb, what in says.items()}
        for verb, one in of_batch.items():
            one.add_argument("batch", help="its id, as list shows it")
            if verb == "results":
                one.add_argument("file")
            one.add_argument("--by", required=True, help="e-mail of the member of finance who does it")
        of_batch["send"].add_argument("--format", choices=paying.file_formats(), required=True)
        of_batch["send"].add_argument("--out", help="the file; named after the batch here without it")
        listing = verbs.add_parser("list", help="batches, newest first")
        for one in (plan, listing, *of_batch.values()):
            one.add_argument("--organization", help="short name; needed where there are several")

    def run(self, verb: str, **options: Any) -> None:
        of = organization(options["organization"])
        if verb in ("plan", "list"):
            {"plan": self._plan, "list": self._list}[verb](of, options)
            return
        batch = self._batch(of, options["batch"])
        by = finance(options["by"], of)
        {
            "approve": self._approve, "cancel": self._cancel, "send": self._send, "results": self._results
        }[verb](batch, by, options)  # fmt: skip

    def _plan(self, of: Organization, options: dict[str, Any]) -> None:
        until = _midnight(options["until"]) if options["until"] else None
        by = finance(options["by"], of) if options["by"] else None
        currency = money.check_currency(options["currency"])
        self._tell(services.plan_payouts(of, currency=currency, until=until, by=by))

    def _list(self, of: Organization, options: dict[str, Any]) -> None:
        for batch in PayoutBatch.objects.filter(organization=of):
            self._tell(batch)

    def _approve(self, batch: PayoutBatch, by: User, options: dict[str, Any]) -> None:
        self._tell(services.approve_batch(batch, by=by))

    def _cancel(self, batch: PayoutBatch, by: User, options: dict[str, Any]) -> None:
        self._tell(services.cancel_batch(batch, by=by))

    def _send(self, batch: PayoutBatch, by: User, options: dict[str, Any]) -> None:
        format_ = options["format"]
        begun = flow.make_file(batch, format_=format_, by=by)
        name, content = paying.file_name(batch, format_), paying.write_bank_file(batch, format_=format_)
        out = Path(options["out"] or name)
        services.note_download(batch.organization, file=name, subject=f"batch:{batch.pk}", by=by)
        out.write_bytes(content)
        self.say(f"{out}: {begun:,} payouts are being sent by it")

    def _results(self, batch: PayoutBatch, by: User, options: dict[str, Any]) -> None:
        told = results.read(readable(options["file"]).read_bytes())
        taken = services.take_results(batch, results=told, by=by)
        self.say(
            f"{taken.sent:,} sent, {taken.failed:,} failed, {taken.returned:,} came back, {taken.known:,} known already"
        )
        batch.refresh_from_db()
        self._tell(batch)

    def _batch(self, of: Organization, pk: str) -> PayoutBatch:
        found = next((one for one in PayoutBatch.objects.filter(organization=of) if str(one.pk) == pk), None)
        if found is None:
            raise CommandError(f"{of} has no payout batch {pk!r}")
        return found

    def _tell(self, batch: PayoutBatch) -> None:
        amounts = list(batch.payouts.values_list("amount", flat=True))
        left_out = batch.left_out
        total = money.show(sum(amounts) - left_out, batch.currency)
        own = f"; own pay, left out: {money.show(left_out, batch.currency)}" if left_out else ""
        self.say(f"{batch.pk}  {batch.get_state_display():<9} {len(amounts):,} payouts, {total}{own}")


def _midnight(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise CommandError(f"--until is {text!r}, it should be a day as in 2026-06-01") from None
