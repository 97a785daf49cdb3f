"""A simulated crowd for a campaign."""

import json
from typing import Any

import httpx

from apps.campaigns.models import Campaign, GoldQuestion
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, Progress, campaign, readable
from apps.core import money
from apps.pipeline import preflight
from apps.reports.summary import summary
from apps.simulation import crowd


class Command(Base):
    help = (
        "Let simulated workers of known characters complete a campaign over HTTP: to plan it (what it will cost, how "
        "many judgments it needs), or as load. The campaign must be on the channel 'simulated'."
    )
    expected = (crowd.NotForACrowd, httpx.HTTPError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="id or name")
        parser.add_argument("--workers", type=int, default=20)
        parser.add_argument("--mix", default="", help="shares, as in careful=0.7,spamming=0.3")
        parser.add_argument("--truth", help="JSON lines of external_id and answer; without it, truths are invented")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--threads", type=int, default=crowd.THREADS, help="workers at it at the same moment")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where labelcrowd is served")

    def run(self, **options: Any) -> None:
        of = campaign(options["campaign"])
        self._check_served(options["url"])
        truth = dict(GoldQuestion.objects.filter(campaign=of).values_list("item__external_id", "answers__0"))
        if options["truth"]:
            truth |= self._truth(options["truth"])
        mix = self._mix(options["mix"])
        members = crowd.enlist(of, workers=options["workers"], mix=mix, truth=truth, seed=options["seed"])
        bar = Progress(of.name, preflight.plan(of).places)
        crowd.run(
            of, members, base_url=options["url"], threads=options["threads"], tell=lambda tally: bar.at(tally.answers)
        )
        bar.end()
        self._report(of, truth if options["truth"] else None)

    def _report(self, of: Campaign, truth: dict[str, Any] | None) -> None:
        of.refresh_from_db()
        for name, value in summary(of, truth=truth).lines():
            self.say(f"{name:<16} {value}")
        self.say(f"{'state':<16} {of.get_state_display()}")
        self.say(f"{'page price':<16} {money.show(of.price, of.currency)}")

    def _check_served(self, url: str) -> None:
        try:
            httpx.get(url, timeout=5)
        except httpx.HTTPError as error:
            raise CommandError(
                f"nothing answers at {url} ({error}): run `make serve` first, or say where with --url"
            ) from None

    def _truth(self, path: str) -> dict[str, Any]:
        truth = {}
        for number, line in enumerate(readable(path).read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                truth[row["external_id"]] = row["answer"]
            except (ValueError, KeyError, TypeError):
                raise CommandError(f'{path}, line {number}: should be {{"external_id": …, "answer": …}}') from None
        return truth

    def _mix(self, text: str) -> dict[str, float]:
        if not text:
            return dict(crowd.MIX)
        try:
            mix = {name: float(share) for name, share in (part.split("=") for part in text.split(","))}
            crowd.characters(1, mix)
        except ValueError as error:
            raise CommandError(f"--mix {text!r}: {error}") from None
        return mix
