"""What asks a market is killed between intent and receipt, and the wire lies: nothing is made or paid twice.

A dozen kills here; `make soak ARGS=--market` is the same with five hundred.
"""

import os
from urllib.parse import quote

import boto3
import pytest
from django.db import connection

from apps.channels.models import Intent
from apps.channels.mturk.market import MTurk
from infra.house.doomed import KILLED, Failed
from infra.house.lying import dice, lying
from infra.soak import bazaar
from infra.soak.market import Siege

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 12


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


def test_nothing_is_made_or_paid_twice_and_both_books_are_equal(siege):
    siege, wire = siege

    while siege.killed.total() < KILLS:
        siege.offer_and_pay(kill=0.6)

    wire.faults = lambda: "fine"
    assert list(siege.broken(MTurk())) == []
    assert set(siege.killed) >= {"publish", "approve", "pay_bonus"}
    assert wire.happened.total() > wire.happened["fine"]


def test_a_difference_is_found(siege: tuple[Siege, object]):
    siege, wire = siege
    wire.faults = lambda: "fine"
    siege.offer_and_pay(kill=0)
    assert list(siege.broken(MTurk())) == []

    siege._ask("pay_bonus", "another", {**_last_bonus(siege)}, 0)
    Intent.objects.filter(key="another").update(state="planned")

    assert "only market, 1 time(s): bonus of 5 cents" in next(siege.broken(MTurk()))


def _last_bonus(siege: Siege) -> dict:
    return dict(Intent.objects.filter(verb="pay_bonus").latest("planned_at").asked)


def test_a_process_is_killed_where_it_is_told_and_says_what_failed(siege):
    siege, wire = siege
    wire.faults = lambda: "fine"
    siege.offer_and_pay(kill=0)

    assert siege.lines["publish"] > 20
    done = Intent.objects.filter(verb="publish").get().pk
    assert siege.killer.carry_out("infra.soak.asking:carry_out", done, at=2) == KILLED
    assert siege.killer.carry_out("infra.soak.asking:carry_out", done) > 2
    with pytest.raises(Failed, match="DoesNotExist"):
        siege.killer.carry_out("infra.soak.asking:carry_out", siege.asking.pk)
