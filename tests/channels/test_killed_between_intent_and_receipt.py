"""Steps of a market are killed at lines of theirs, and the wire lies: nothing is made or paid twice.

Each step and each decision is killed here at least once; `make soak ARGS=--market` is the same with five hundred kills.
"""

import os
from urllib.parse import quote

import boto3
import pytest
from django.db import connection

from apps.campaigns.models import Campaign
from apps.channels.models import Publication
from apps.channels.mturk.channel import channel
from apps.payments.models import Settlement, SignOff
from infra.house.doomed import KILLED, Failed
from infra.house.lying import dice, lying
from infra.soak import bazaar
from infra.soak.ledgers import LIMIT
from infra.soak.market import BONUS, Siege

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = {"offer", "collect", "pass_on", "remit"}
DECISIONS = {"reject", "approve", "pay_besides", "pay_otherwise", "book_one", "take_for_settled", "agree"}
KILLED_ONCE = STEPS | DECISIONS


@pytest.fixture
def siege(live_server, monkeypatch):
    """Both sides, with the lying wire between them."""
    connection.ensure_connection()
    info = connection.connection.info
    login = ":".join(quote(each, safe="") for each in (info.user, info.password) if each)
    address = f"postgres://{login}@{quote(info.host, safe='')}:{info.port}/{info.dbname}"
    before = dict(os.environ)
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # another test's would have that one's key
    with lying("localhost", live_server.thread.port, faults=dice(3, share=0.3), at="localhost") as wire:
        with bazaar.besieged(wire, seed=3) as siege:
            yield siege, wire
    os.environ.clear()
    os.environ.update(before)


def test_nothing_is_made_or_paid_twice_and_both_ledgers_are_equal(siege):
    siege, wire = siege

    siege.decide_and_pay(kill=0.2)
    campaign = siege.offer_and_pay(kill=0.2)
    wire.faults = lambda: "fine"
    siege.go_on(kill=0)

    assert list(siege.broken()) == []
    assert set(+siege.killed) >= KILLED_ONCE
    assert wire.happened.total() > wire.happened["fine"]
    assert Campaign.objects.get(pk=campaign.pk).state == "completed"
    worked = Settlement.objects.filter(obligation__campaign=campaign).count()
    assert worked == 3
    assert Settlement.objects.count() - worked == 2 + 1 + 1 + 1  # two rewards; booked, paid besides, paid otherwise
    assert siege.ledgers.taken == 1


def test_a_difference_is_found(siege: tuple[Siege, object]):
    siege, wire = siege
    wire.faults = lambda: "fine"
    siege.offer_and_pay(kill=0)
    assert list(siege.broken()) == []

    slot = Publication.objects.get().claims.first()
    given = {"AssignmentId": slot.assignment, "WorkerId": slot.worker.external_id, "Reason": "By hand"}
    channel().calls.client.send_bonus(**given, BonusAmount=f"0.0{BONUS}")
    found = "\n".join(siege.broken())

    assert "only the market's {('bonus', 5): 1}" in found
    assert "what the accounts lost" in found
    assert "fees: only ours" in found

    asked = {"organization": siege.asking, "currency": "USD", "reason": "Alone", "asked_by": siege.finance}
    SignOff.objects.create(**asked, verb="pay besides", subject="claim:1", amount=LIMIT)
    SignOff.objects.create(**asked, verb="bonus", subject="obligation:1", amount=LIMIT, needs_second=True)
    found = "\n".join(siege.broken())

    assert "1 decisions wait for a second person" in found
    assert f"alone decided about {LIMIT + BONUS} cents" in found
    assert "what was decided: only ours {}, only signed {('pay besides', 'claim:1'): 1}" in found

    publish = Publication.objects.get().pk
    assert siege.lines["offer"] > 20
    assert siege.killer.carry_out("apps.pipeline.outside:offer", publish, at=2) == KILLED
    with pytest.raises(Failed, match="DoesNotExist"):
        siege.killer.carry_out("apps.pipeline.outside:offer", siege.asking.pk)
