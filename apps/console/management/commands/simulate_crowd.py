"""A simulated crowd for a campaign."""

import json
import time
from typing import Any

import httpx
from django.conf import settings

from apps.campaigns.models import Campaign, GoldQuestion
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, Progress, campaign, check_least, text_of
from apps.core import money
from apps.kinds import of as kind_of
from apps.kinds.errors import Bad
from apps.pipeline import due, preflight
from apps.reports.summary import summary
from apps.simulation import crowd

POLL_SECONDS = 0.5
ANSWER_SECONDS = 60  # a server that is there may have much to do, or just have started
OPEN = (Campaign.State.LAUNCHING, Campaign.State.RUNNING)


class Command(Base):
    help = (
        "Let simulated workers of known characters complete a campaign over HTTP: to plan it (what it will cost, how "
        "many judgments it needs), or as load. The campaign must be on the channel 'simulated'."
    )
    expected = (crowd.NotForACrowd, httpx.HTTPError, httpx.InvalidURL)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="id or name")
        parser.add_argument("--workers", type=int, default=20)
        parser.add_argument("--mix", default="", help="shares, as in careful=0.7,spamming=0.3")
        parser.add_argument("--truth", help="JSON lines of external_id and answer; without it, truths are invented")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--threads", type=int, default=crowd.THREADS, help="workers at it at the same moment")
        parser.add_argument("--wait", type=int, default=90, help="seconds for verdicts and labels to come, at most")
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where labelcrowd is served (LABELCROWD_URL)")

    def run(self, **options: Any) -> None:
        check_least(1, workers=options["workers"], threads=options["threads"])
        check_least(0, seed=options["seed"], wait=options["wait"])
        of = campaign(options["campaign"])
        if of.state not in OPEN:
            raise CommandError(f"campaign {of.name!r} is {of.state}: a crowd works in one that was launched")
        self._check_served(options["url"])
        truth = dict(GoldQuestion.objects.filter(campaign=of).values_list("item__external_id", "answers__0"))
        if options["truth"]:
            truth |= self._truth(options["truth"], of)
        mix = self._mix(options["mix"])
        members = crowd.enlist(of, workers=options["workers"], mix=mix, truth=truth, seed=options["seed"])
        bar = Progress(of.name, preflight.plan(of).places)
        did = crowd.run(
            of, members, base_url=options["url"], threads=options["threads"], tell=lambda tally: bar.at(tally.answers)
        )
        bar.end()
        self._tell_refusals(did)
        self._wait(of, options["wait"])
        self._report(of, truth if options["truth"] else None)

    def _tell_refusals(self, did: crowd.Tally) -> None:
        """Say why workers got no page; raise `CommandError` where none got any."""
        why = [f"{n} got no page: {did.because[reason]}" for reason, n in did.refusals.items() if reason in did.because]
        if not did.answers:
            raise CommandError(f"the crowd did nothing: of {sum(did.refusals.values())} workers {'; '.join(why)}")
        for line in why if set(did.because) - {"done"} else ():
            self.say(line)

    def _wait(self, of: Campaign, seconds: int) -> None:
        """Wait until what was handed in is judged and combined: before, the summary would tell of nothing."""
        end = time.monotonic() + seconds
        while due.is_moving(of):
            if time.monotonic() > end:
                self.say(f"after {seconds} s not all is judged and combined yet: is a worker process running?")
                return
            time.sleep(POLL_SECONDS)
            of.refresh_from_db()

    def _report(self, of: Campaign, truth: dict[str, Any] | None) -> None:
        of.refresh_from_db()
        for name, value in summary(of, truth=truth).lines():
            self.say(f"{name:<16} {value}")
        self.say(f"{'state':<16} {of.get_state_display()}")
        self.say(f"{'page price':<16} {money.show(of.price, of.currency)}")

    def _check_served(self, url: str) -> None:
        try:
            httpx.get(url, timeout=ANSWER_SECONDS)
        except httpx.ReadTimeout:
            raise CommandError(
                f"{url} took the call and gave no answer within {ANSWER_SECONDS} s: is it busy? "
                "Try again when it answers"
            ) from None
        except httpx.HTTPError as error:
            raise CommandError(
                f"nothing answers at {url} ({error}): run `make serve` first, or say where with --url"
            ) from None

    def _truth(self, path: str, of: Campaign) -> dict[str, Any]:
        kind = kind_of(of.kind)
        settings = kind.read_settings(of.settings)
        truth = {}
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            try:
                row = json.loads(line)
                kind.read(row["answer"], settings)
                truth[str(row["external_id"])] = row["answer"]
            except Bad as error:
                raise CommandError(f"{path}, line {number}: {error}") from None
            except (ValueError, KeyError, TypeError):
                raise CommandError(f'{path}, line {number}: should be {{"external_id": …, "answer": …}}') from None
        return truth

    def _mix(self, text: str) -> dict[str, float]:
        if not text:
            return dict(crowd.MIX)
        try:
            mix = {name.strip(): float(share) for name, _, share in (part.partition("=") for part in text.split(","))}
        except ValueError:
            raise CommandError(f"--mix {text!r} should be shares, as in careful=0.7,spamming=0.3") from None
        try:
            crowd.characters(1, mix)
        except ValueError as error:
            raise CommandError(f"--mix {text!r}: {error}") from None
        return mix
