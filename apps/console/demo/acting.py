"""What the demo does once labelcrowd is served: the crowds work, the files are written, the summary is told."""

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

from django.db.models import F, Sum

from apps.campaigns.models import Campaign
from apps.console.commands import Progress
from apps.console.demo import crowds
from apps.console.demo.data import Row
from apps.console.demo.loading import OUT, PARTS, Part, campaign_of
from apps.core import money
from apps.ledger import queries as ledger
from apps.ledger.models import Account
from apps.members.models import Organization
from apps.reports import labels, page, payments
from apps.reports.summary import summary
from apps.simulation import crowd
from apps.work.models import Task

SETTLE_SECONDS = 300
Say = Callable[[str], None]


class Unfinished(Exception):
    """A campaign did not end; the sentence says where it stands."""


@dataclass(frozen=True)
class Act:
    """One campaign with what is true of its items."""

    campaign: Campaign
    rows: list[Row]

    @property
    def truth(self) -> dict[str, Any]:
        """The truth by external id."""
        return {row.external_id: row.truth for row in self.rows}


def play(base_url: str, say: Say) -> bool:
    """Complete the demo's campaigns, write its files and tell its summary; return whether the books balance."""
    acts = [_complete(part, base_url) for part in PARTS]
    organization = acts[0].campaign.organization
    write_files(organization, acts)
    return tell(organization, acts, say)


def _complete(part: Part, base_url: str) -> Act:
    act = Act(campaign_of(part), list(part.rows()))
    _wait(act.campaign, lambda state: state != Campaign.State.LAUNCHING)
    if act.campaign.state == Campaign.State.RUNNING:
        bar = Progress(act.campaign.name, _wanted(act.campaign))
        members = crowds.for_campaign(act.campaign, act.rows)
        done = _Counter(act.campaign, bar)
        crowd.run(act.campaign, members, base_url=base_url, tell=done.tell)
        _wait(act.campaign, lambda state: state == Campaign.State.COMPLETED)
        done.end()
    return act


def _wanted(campaign: Campaign) -> int:
    return Task.objects.filter(campaign=campaign).aggregate(total=Sum("wanted"))["total"] or 0


class _Counter:
    """Shows how many judgments the database has, asked twice a second at most."""

    def __init__(self, campaign: Campaign, bar: Progress) -> None:
        self.campaign, self.bar, self.at = campaign, bar, 0.0

    def tell(self, tally: crowd.Tally) -> None:
        if time.monotonic() - self.at > 0.5:
            self.at = time.monotonic()
            self.bar.at(self._made(), "judgments")

    def end(self) -> None:
        self.bar.at(self._made(), "judgments")
        self.bar.end()

    def _made(self) -> int:
        return Task.objects.filter(campaign=self.campaign).aggregate(total=Sum("judged"))["total"] or 0


def _wait(campaign: Campaign, done: Callable[[str], bool]) -> None:
    """Wait until the belt has brought the campaign to a state."""
    end = time.monotonic() + SETTLE_SECONDS
    while not done(campaign.state):
        if time.monotonic() > end:
            left = Task.objects.filter(campaign=campaign, judged__lt=F("wanted")).count()
            raise Unfinished(f"{campaign.name} is {campaign.state} after {SETTLE_SECONDS} s, with {left} tasks to do")
        time.sleep(0.2)
        campaign.refresh_from_db()


def write_files(organization: Organization, acts: list[Act]) -> None:
    """Write labels, payments and the report."""
    OUT.mkdir(parents=True, exist_ok=True)
    for form in ("jsonl", "csv"):
        (OUT / f"labels.{form}").write_bytes(_joined([_labels(act.campaign, form) for act in acts], form))
    since = min(act.campaign.launched_at for act in acts if act.campaign.launched_at)
    until = max(act.campaign.ended_at for act in acts if act.campaign.ended_at)
    payments.write_payments(
        organization,
        since=since.replace(microsecond=0).astimezone(UTC),
        until=datetime.fromtimestamp(until.timestamp() + 1, UTC).replace(microsecond=0),
        format="csv",
        path=OUT / "payments.csv",
    )
    page.write_html(
        [act.campaign for act in acts],
        OUT / "report.html",
        truth={act.campaign.pk: act.truth for act in acts},
    )


def _labels(campaign: Campaign, form: str) -> bytes:
    stream = BytesIO()
    labels.write(campaign, format=form, to=stream)
    return stream.getvalue()


def _joined(files: list[bytes], form: str) -> bytes:
    """Join the campaigns' labels; CSV with one header, of all their columns in order."""
    if form != "csv":
        return b"".join(files)
    tables = [list(csv.DictReader(file.decode("utf-8-sig").splitlines())) for file in files]
    columns = list(dict.fromkeys(name for table in tables for row in table[:1] for name in row))
    joined = StringIO()
    writer = csv.DictWriter(joined, columns, lineterminator="\n")
    writer.writeheader()
    for table in tables:
        writer.writerows(table)
    return joined.getvalue().encode()


def tell(organization: Organization, acts: list[Act], say: Say) -> bool:
    """Print the summary of each campaign and of the books; return whether they balance."""
    for act in acts:
        say(f"\n{act.campaign.name}")
        for name, value in summary(act.campaign, truth=act.truth).lines():
            say(f"  {name:<16} {value}")
        best = crowds.best_possible(act.campaign, act.truth)
        if best is not None:
            say(f"  {'best possible':<16} {best:.1%}, by who knew every worker's error rates")
    off = ledger.imbalances()
    owed = ledger.balance(organization, kind=Account.Kind.PAYABLE, currency="USD")
    funds = ledger.balance(organization, kind=Account.Kind.FUNDS, currency="USD")
    say(f"\nLedger {'balanced' if not off else f'OFF: {off}'}")
    say(f"  {'owed to workers':<16} {money.show(owed, 'USD')}")
    say(f"  {'not spent':<16} {money.show(funds, 'USD')}")
    say(f"\nWritten to {OUT}: labels.jsonl, labels.csv, payments.csv, report.html")
    return not off
