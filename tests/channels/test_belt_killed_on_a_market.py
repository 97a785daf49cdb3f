"""Whole steps of the belt are killed -9 at lines of theirs, over a lying wire: the campaign ends, and both books agree.

`test_killed_between_intent_and_receipt.py` kills what asks the market; here it is what decides that it be asked, and
what books its answer.
"""

import random
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import quote

import boto3
import pytest
from django.db import connection, connections

from apps.channels.models import Claim, Grant, Intent, Publication
from apps.channels.mturk import channel
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement
from apps.pipeline import actors, flow, market_books
from apps.turkapi.models import Hit
from apps.turkapi.services import keys
from infra.house.doomed import KILLED, Failed, doomed
from infra.house.lying import dice, lying
from tests import belt
from tests.channels.market import HOST, SITE, Market, accept, offered
from tests.factories import member
from tests.running import deposit
from tests.turkapi import over_boto3

pytestmark = pytest.mark.django_db(transaction=True)
OURS = (
    "outside", "market_books", "market_leavings", "market_losses", "market_money", "market_orphans", "market_payments",
    "market_people", "market_proof", "market_verdicts",
)  # fmt: skip
WATCHED = ("apps/channels/", *(f"apps/pipeline/{name}.py" for name in OURS))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def killed(live_server, settings, monkeypatch):
    """The market over a wire that lies, and what carries steps out and can be killed."""
    connection.ensure_connection()
    info = connection.connection.info
    login = ":".join(quote(each, safe="") for each in (info.user, info.password) if each)
    settings.MARKET_ORIGINS, settings.PUBLIC_URL, settings.MARKET_LAG_SECONDS = [HOST], SITE, 0
    settings.MTURK_FEES = settings.TURK_FEES = [20, 20, 5, 20, 1]  # the market takes what we expect of it
    user = over_boto3.requester(funds=100_000)
    key, secret = keys.make(over_boto3.organization_of(user), user=user)
    with lying("localhost", live_server.thread.port, faults=lambda: "fine", at="localhost") as wire:
        environment = {
            "DATABASE_URL": f"postgres://{login}@{quote(info.host, safe='')}:{info.port}/{info.dbname}",
            "DJANGO_SETTINGS_MODULE": "labelcrowd.settings", "LABELCROWD_URL": SITE,
            "LABELCROWD_MARKET_LAG_SECONDS": "0", "LABELCROWD_MTURK_RATE": "100000,100000",
            "AWS_ENDPOINT_URL_MTURK": f"{wire.address}/mturk/", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key.pk, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        channel.channel.cache_clear()
        modules = ["infra.soak.asking", *(f"apps.pipeline.{name}" for name in OURS)]
        with doomed(watch=WATCHED, modules=modules, environment=environment) as killer:
            yield Market(user), Doom(killer), wire
    channel.channel.cache_clear()


class Doom:
    """Does what is due, kills what of it is a market's, and counts."""

    def __init__(self, killer):
        self.killer, self.dice = killer, random.Random(5)
        self.kills: Counter[str] = Counter()
        self.lines: dict[str, int] = {}
        self.seen: dict[object, int] = {}

    def run(self, *, rounds=40):
        """Do what is due until nothing is, each step of a market's perhaps killed, its messages lost."""
        for _ in range(rounds):
            for model in (Publication, Claim, Intent, Grant):
                model.objects.update(due_at=LONG_AGO)
            found = [each for each in belt.due() if not self._is_only_watched(each)]
            if not found:
                return
            for each in found:
                self._do(each)
        raise AssertionError(f"still due: {belt.due()}")

    def _is_only_watched(self, each):
        """Return whether it is a look at an offer that is being waited on: due again and again."""
        return each.step == "collect" and self.seen.get(each.pk, 0) >= 6

    def _do(self, each):
        function = actors.MOTOR.steps[each.step].run
        if function.__module__.rpartition(".")[2] not in OURS:
            function(each.pk)
            return
        is_first = each.step not in self.kills
        at = self.dice.randint(1, self.lines.get(each.step) or 15) if is_first or self.dice.random() < 0.5 else None
        connections.close_all()
        try:
            ran = self.killer.carry_out(f"{function.__module__}:{function.__name__}", each.pk, at=at)
        except Failed as error:
            raise AssertionError(f"{each.step}: {error}") from error
        self.kills[each.step] += ran == KILLED
        self.lines[each.step] = max(self.lines.get(each.step, 0), ran)
        if ran != KILLED:
            self.seen[each.pk] = self.seen.get(each.pk, 0) + 1

    def rest(self):
        """Look at everything again, as later."""
        self.seen = {}
        self.run()


def test_a_campaign_whose_steps_are_killed_ends_with_nothing_twice_and_equal_books(killed):
    market, doom, wire = killed
    campaign = offered(items=4, page_size=2, redundancy=1, price=10, budget=1000)
    flow.launch(campaign)
    wire.faults = dice(5, share=0.2)
    doom.rest()

    for _ in range(2):
        accept(market).work()
        doom.rest()
    deposit(campaign, 500)
    payments.pay_bonus(
        Claim.objects.first().worker, amount=25, currency="USD", reference="b1", reason="Thorough", campaign=campaign,
        by=member(campaign.organization),
    )  # fmt: skip
    doom.rest()

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert doom.kills.total() >= 12, doom.kills
    assert {"offer", "collect", "pass_on"} <= set(+doom.kills)
    assert wire.happened.total() > wire.happened["fine"]
    assert Hit.objects.count() == Publication.objects.exclude(state="dropped").count()
    theirs = sorted(Obligation.objects.filter(organization=market.organization).values_list("kind", "amount"))
    assert theirs == [("bonus", 25), ("work", 10), ("work", 10)]
    ours = Settlement.objects.filter(obligation__organization=campaign.organization)
    assert sorted(ours.values_list("obligation__amount", "fee")) == [(10, 2), (10, 2), (25, 5)]
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.balance(campaign.organization, kind="fees", owner="channel:mturk", currency="USD") == 9
    assert books.balance(market.organization, kind="fees", owner="service:mturk", currency="USD") == 9
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert books.imbalances() == []
    wire.faults = lambda: "fine"
    (last,) = market_books.compare(campaign.organization)
    assert (last.differences, last.orphans, last.unread) == ([], [], 0)
    assert last.ours_amount == last.market_amount > 0
