"""Frames that claim slots nobody accepted: the market's own count says so, and they keep nobody out for long."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.channels.models import Claim
from apps.core import clock
from apps.ledger.models import Budget
from apps.turkapi.models import Hit
from apps.work import services as work
from tests.channels.market import accept, launched, looked_at

pytestmark = pytest.mark.django_db
LAG = timedelta(seconds=120)


@pytest.fixture
def campaign(market, settings):
    settings.MARKET_LAG_SECONDS = int(LAG.total_seconds())
    return launched(items=4, page_size=2, redundancy=2)


@pytest.fixture
def address(market, campaign):
    """Return what a worker saw of an offer who gave its slot back: all that is needed to forge claims."""
    frame = accept(market)
    work.give_back(frame.held.pk, worker=frame.worker)
    return frame.address.replace(frame.assignment, "{slot}").replace(market.name(frame.worker), "{worker}")


def forge(address):
    """Claim slots till there is none; return how many those were."""
    given = [Client().get(address.format(slot=f"{n:032X}", worker=f"W{n:013}")) for n in range(9)]
    return [answer.status_code for answer in given].count(200)


def test_forged_claims_are_given_back_once_the_market_says_that_nobody_is_at_work(
    market, campaign, address, time_machine
):
    assert forge(address) == 4
    assert accept(market).get().status_code == 409
    for held in Hit.objects.get().task.campaign.assignments.filter(state="leased"):
        work.give_back(held.pk, worker=held.worker)  # who found it full returned it
    time_machine.move_to(clock.now() + LAG)

    looked_at()

    assert set(Claim.objects.values_list("state", flat=True)) == {"lapsed"}
    assert accept(market).get().status_code == 200
    assert Budget.objects.get(owner=campaign.key).held == 40


def test_nobody_loses_a_page_while_the_market_counts_somebody_at_work_or_may_not_count_them_yet(
    market, campaign, address, time_machine
):
    early = accept(market)
    early.get()
    time_machine.move_to(clock.now() + 2 * LAG)
    looked_at()
    assert early.claim().state == "claimed"
    forge(address)
    work.give_back(early.held.pk, worker=early.worker)

    looked_at()

    assert early.claim().state == "lapsed"  # returned at the market: its page is others' at once
    assert list(Claim.objects.exclude(pk=early.claim().pk).values_list("state", flat=True)) == ["claimed"] * 3
