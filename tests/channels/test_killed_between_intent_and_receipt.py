"""Steps of a market are killed at lines of theirs, and the wire lies: nothing is made or paid twice.

Each step and each decision is killed here at least once, and what pays a bonus at every line on both sides; `make soak
ARGS=--every-line` does that to all that is asked of a market.
"""

import os
from dataclasses import replace
from urllib.parse import quote

import boto3
import pytest
from django.db import connection

from apps.campaigns.models import Campaign
from apps.channels.models import Publication
from apps.channels.mturk.channel import channel
from apps.payments.models import Settlement, SignOff
from infra.house.doomed import Failed
from infra.house.lying import dice
from infra.house.servers import House, free_ports
from infra.house.striking import Watch
from infra.soak import bazaar, lines, persons, real, scenes
from infra.soak.ledgers import LIMIT
from infra.soak.market import WATCHED, Siege

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
# Of the service's: what it does, and not how it reads what is asked.
DOING = Watch(
    ("apps/turkapi/operations/", "apps/turkapi/services/"),
    within=frozenset({"apps/turkapi/operations/__init__.py:carry_out"}),
    once=(),
)
STEPS = {"offer", "collect", "pass_on", "remit", "grant"}


@pytest.fixture
def surroundings(monkeypatch):
    """What the processes of a siege find in their environment: this test's database, and nobody's session."""
    connection.ensure_connection()
    info = connection.connection.info
    login = ":".join(quote(each, safe="") for each in (info.user, info.password) if each)
    address = f"postgres://{login}@{quote(info.host, safe='')}:{info.port}/{info.dbname}"
    before = dict(os.environ)
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # another test's would have that one's key
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def siege(surroundings):
    """Both sides, with the lying wire between them."""
    with bazaar.serving(3, share=0.3, at="localhost") as (service, wire), bazaar.besieged(wire, seed=3) as siege:
        yield siege, service


def test_nothing_is_made_or_paid_twice_and_both_ledgers_are_equal(siege):
    siege, service = siege
    siege.kill = 0.2

    scenes.decide_about_lists(siege)
    scenes.decide_about_losses(siege)
    stopped = scenes.grow_and_stop(siege)
    campaign = scenes.offer_and_pay(siege)
    found = list(siege.end())

    assert found == []
    assert set(+siege.killed) >= STEPS | set(persons.DECISIONS)
    assert siege.wire.happened.total() > siege.wire.happened["fine"]
    assert set(service.known) >= set(bazaar.EFFECTS) - {"DeleteQualificationType"}  # that is at the end, in peace
    assert sum(known.killed for known in service.known.values()) > 10
    assert Campaign.objects.get(pk=campaign.pk).state == "completed"
    worked = Settlement.objects.filter(obligation__campaign=campaign).count()
    assert worked == 3
    assert Settlement.objects.filter(obligation__campaign=stopped).count() == 2  # a reward, and a slot for one worker
    assert Settlement.objects.count() - worked - 2 == 2 + 1 + 1 + 1  # two rewards; booked, paid besides, paid otherwise
    assert siege.ledgers.taken == 1


def test_a_bonus_is_paid_once_though_both_sides_are_killed_at_every_line_between_intent_and_receipt(surroundings):
    asking = replace(WATCHED, once=())
    with bazaar.serving(3, share=0, at="localhost", watch=DOING) as (service, wire):
        with bazaar.besieged(wire, seed=3, watch=asking, kind=lines.Decided) as siege:
            striking = lines.Striking(siege)

            striking.operation("pay a bonus", faults=["fine"])
            striking.settle()
            siege.go_on()

            assert list(siege.end()) == []
            for known, least in ((siege.killer.known["pay a bonus"], 80), (service.known["SendBonus"], 20)):
                assert known.killed == len(known.own) > least
                assert not known.left


def test_it_is_done_once_though_requests_come_twice_at_once_and_gunicorn_is_killed(siege, tmp_path):
    siege, _ = siege
    siege.wire.faults = dice(3, share=0.8, names=["twice", "reset_after"])
    home = House(tmp_path, free_ports(1))

    with real.served(siege, home, effects=bazaar.EFFECTS) as killed:
        campaign = scenes.offer_and_pay(siege)

    assert killed.count > 1
    assert siege.wire.happened["twice"] > 1
    assert list(siege.end()) == []
    assert Settlement.objects.filter(obligation__campaign=campaign).count() == 3


def test_a_difference_is_found(siege: tuple[Siege, object]):
    siege, _ = siege
    assert list(siege.end()) == []
    scenes.offer_and_pay(siege)
    assert list(siege.broken()) == []

    slot = Publication.objects.get().claims.first()
    given = {"AssignmentId": slot.assignment, "WorkerId": slot.worker.external_id, "Reason": "By hand"}
    channel().calls.client.send_bonus(**given, BonusAmount=f"0.0{scenes.BONUS}")
    found = "\n".join(siege.broken())

    assert "only the market's {('bonus', 5): 1}" in found
    assert "what the accounts lost" in found
    assert "fees: only ours" in found

    asked = {"organization": siege.asking, "currency": "USD", "reason": "Alone", "asked_by": siege.finance}
    SignOff.objects.create(**asked, verb="pay besides", subject="claim:1", amount=LIMIT)
    SignOff.objects.create(**asked, verb="bonus", subject="obligation:1", amount=LIMIT, needs_second=True)
    found = "\n".join(siege.broken())

    assert "1 decisions wait for a second person" in found
    assert f"alone decided about {LIMIT + scenes.BONUS} cents" in found
    assert "what was decided: only ours {}, only signed {('pay besides', 'claim:1'): 1}" in found

    publish = Publication.objects.get().pk
    assert siege.killer.known["offer"].longest > 20
    assert not siege.killer.carry_out("apps.pipeline.outside:offer", publish, at=2)
    with pytest.raises(Failed, match="DoesNotExist"):
        siege.killer.carry_out("apps.pipeline.outside:offer", siege.asking.pk)
