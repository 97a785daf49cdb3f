"""A campaign on an outside market, from the shell."""

from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.models import Publication, Reconciliation
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, campaign, organization
from apps.core import money
from apps.core.states import IllegalMove
from apps.members.models import User
from apps.payments import queries as payments
from apps.pipeline import (
    fair_pay,
    flow,
    market_again,
    market_books,
    market_idle,
    market_orphans,
    market_people,
    market_purses,
)
from apps.pipeline.market_people import BadMessage, NotBlocked
from apps.reports.payments.market_file import write_reconciliation
from apps.reports.sinks import whole_file
from apps.workforce.models import Worker

TAKE_OFF = "mturk expire takes it off, what was handed in is judged at the market by hand"
OF_CAMPAIGN = ("stop", "status", "retry", "top-up", "notify")
NAMED = {"block": "a WorkerId", "expire": "the HITId of an offer that nothing watches"}
DONE = (Publication.State.DISPOSED, Publication.State.DROPPED)


class Command(Base):
    help = (
        "Run a campaign on a market that speaks MTurk's API. Amazon's own was closed on 2026-09-30: reached can be "
        "any endpoint of the same API that AWS_ENDPOINT_URL_MTURK names, as another labelcrowd's /mturk/."
    )
    expected = (BadMessage, IllegalMove, NotBlocked, fair_pay.NoWage, market_orphans.Watched)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=[*OF_CAMPAIGN, *NAMED, "reconcile", "balance"])
        parser.add_argument(
            "campaign", nargs="?", help="a campaign's id or name; of block a WorkerId, of expire a HITId"
        )
        parser.add_argument("--organization", help="reconcile, expire, block: short name; needed where several")
        parser.add_argument("--file", type=Path, help="reconcile: write both sums and each difference there, as CSV")
        parser.add_argument("--hourly", help="top-up: the promised wage, as in 15.00; else the organization's policy's")
        parser.add_argument("--by", help="e-mail of who does it, for the trail; top-up and block need it")
        parser.add_argument("--reason", default="", help="block: why, for the worker to read")
        parser.add_argument("--dry-run", action="store_true", help="top-up: say it, and pay nothing")
        parser.add_argument("--subject", default="", help="notify: one line")
        parser.add_argument("--text", default="", help="notify: the message")

    def run(self, verb: str, campaign: str | None, **options: Any) -> None:
        if verb in (*OF_CAMPAIGN, *NAMED) and campaign is None:
            raise CommandError(f"{verb} needs {NAMED.get(verb, 'the id or name of a campaign')}")
        getattr(self, f"_{verb.replace('-', '_')}")(campaign, options)

    def _stop(self, of: str, options: dict[str, Any]) -> None:
        row = flow.stop_outside(campaign(of), by=self._person(options, is_needed=False))
        self.say(f"{row.name} is {row.state}; what is open at the market is being settled: again tells how far it is")
        self._say_offers(row)
        kept = row.publications.exclude(owed="").exclude(state__in=Publication.OVER).count()
        if kept:
            self.say(f"{kept} of them are kept till they are taken or expire: by each, one worker gets what is owed")

    def _status(self, of: str, options: dict[str, Any]) -> None:
        row = campaign(of)
        self._say_offers(row)
        if not row.publications.exclude(state__in=DONE).exists():
            over = row.publications.count()
            self.say(
                f"nothing of {row.name} is at the market any more: its {over} offers are over and deleted"
                if over
                else f"nothing of {row.name} was offered at the market yet"
            )

    def _retry(self, of: str, options: dict[str, Any]) -> None:
        refused = market_again.offer_again(campaign(of), by=self._person(options, is_needed=False))
        self.say(f"{refused} refused offers are made anew")

    def _balance(self, of: str | None, options: dict[str, Any]) -> None:
        for name, there, amount, currency in market_purses.balances():
            self.say(f"{name} at {there} holds {money.show(amount, currency)}")

    def _reconcile(self, of: str | None, options: dict[str, Any]) -> None:
        wanted = organization(options["organization"])
        rows = market_books.compare(wanted)
        if not rows:
            self.say("nothing is offered on a market, so there is nothing to compare")
        for row in rows:
            self._say_comparison(row, options)

    def _say_comparison(self, row: Reconciliation, options: dict[str, Any]) -> None:
        if options["file"]:
            with whole_file(options["file"]) as stream:
                write_reconciliation(row, stream)
        show = money.show
        self.say(
            f"ours: {row.ours} payments, {show(row.ours_amount, row.currency)}; the market's: {row.market}, "
            f"{show(row.market_amount, row.currency)}; {row.pending} on their way; "
            f"fees booked: {show(row.fees, row.currency)}"
        )
        for each in row.differences:
            amount = show(each["amount"], row.currency)
            self.say(f"only {each['side']}: {each['kind']} of {amount} to {each['worker']} for {each['assignment']}")
        for each in row.orphans:
            self.say(f"nothing watches {each['name']} ({each['campaign'] or 'of no campaign here'}): {TAKE_OFF}")
        if row.unread:
            self.say(f"{row.unread} lists the market did not give, or of offers made at another endpoint: see status")
        if row.differences or row.orphans or row.unread:
            found = f"{len(row.differences)} differences, {len(row.orphans)} offers that nothing watches"
            raise CommandError(f"{found}, {row.unread} lists not read")

    def _expire(self, of: str, options: dict[str, Any]) -> None:
        wanted = organization(options["organization"])
        for name in discovery.names():
            market_orphans.expire(wanted, channel=name, name=of, by=self._person(options, is_needed=False))
        self.say(f"{of} is offered no more; who is at work on it may finish")

    def _block(self, of: str, options: dict[str, Any]) -> None:
        known = Worker.objects.filter(external_id=of, channel__in=discovery.names()).select_related("organization")
        asked = options["organization"]
        found = list(known.filter(organization__slug=asked) if asked else known)
        if not found:
            raise CommandError(f"no worker of an outside market is called {of!r}" + (f" in {asked}" if asked else ""))
        if len({worker.organization_id for worker in found}) > 1:
            slugs = ", ".join(sorted(worker.organization.slug for worker in found))
            raise CommandError(f"{of} is known to several organizations: say whose --organization it is, of {slugs}")
        by = self._person(options)
        assert by is not None  # needed
        market_people.block(found[0], reason=options["reason"], by=by)
        self.say(f"{of} is blocked at {found[0].channel}, for {found[0].organization}")

    def _person(self, options: dict[str, Any], *, is_needed: bool = True) -> User | None:
        """Return who does it, for the trail: the shell alone, where nobody needs to be named."""
        by = User.objects.filter(email=options["by"] or "").first()
        if by is None and (is_needed or options["by"]):
            raise CommandError("--by should be the e-mail of who does it")
        return by

    def _top_up(self, of: str, options: dict[str, Any]) -> None:
        row = campaign(of)
        by = None if options["dry_run"] else self._person(options)
        hourly = money.to_minor(options["hourly"], row.currency) if options["hourly"] else None
        owed = fair_pay.top_up(row, hourly=hourly, by=by)
        for worker, cents in owed:
            self.say(f"{worker}  {money.show(cents, row.currency)}")
        if not owed:
            self.say(f"nobody's approved work in {row.name} falls short of the wage: there is nothing to top up")
        if waiting := payments.to_sign([row.organization_id]).count():
            self.say(f"{waiting} payments or decisions wait for a second person: see Sign-offs in the admin")

    def _notify(self, of: str, options: dict[str, Any]) -> None:
        row, by = campaign(of), self._person(options, is_needed=False)
        failed = market_people.notify(row, subject=options["subject"], text=options["text"], by=by)
        for worker, why in failed.items():
            self.say(f"{worker}: {why}")
        if not market_people.seen(row):
            self.say(f"nobody is written to: the market has seen nobody's work of {row.name} yet")
        elif not failed:
            self.say(f"everybody whose work of {row.name} the market has seen has got the message")

    def _say_offers(self, of: Campaign) -> None:
        handed_in = Count("claims", filter=Q(claims__state="confirmed"))
        for offer in of.publications.exclude(state__in=DONE).annotate(taken=handed_in):
            problem = f"  {offer.problem}" if offer.problem else ""
            self.say(f"{offer}  {offer.state}  {offer.taken} of {offer.asked} slots handed in{problem}")
            if not offer.owed:
                continue
            if why := channels.why_unwritten(offer):
                self.say(f"{offer} is for one worker, who was not told of it: {why}")
            elif channels.may_be_unwritten(offer):
                self.say(
                    f"{offer} is for one worker: whether the market wrote them of it is not known, nor asked again"
                )
        for sentence in market_idle.sentences(of):
            self.say(sentence)
