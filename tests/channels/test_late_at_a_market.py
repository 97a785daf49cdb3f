"""What comes late at a market: submissions that its list is behind with, slots taken again, offers that are over."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from apps.channels.models import Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Settlement
from apps.pipeline import flow
from tests.channels.faults import answered, between, fine
from tests.channels.market import Market, accept, launched, looked_at

pytestmark = pytest.mark.django_db


@contextmanager
def lagging(market: Market) -> Iterator[None]:
    """Have the market's lists of what was handed in be empty meanwhile."""
    lags = True

    def behind(request):
        if lags and "ListAssignmentsForHIT" in str(request.headers["X-Amz-Target"]):
            return answered(request, 200, json.dumps({"NumResults": 0, "Assignments": []}).encode())
        return fine(request)

    between(market.client(), iter(lambda: behind, None))
    yield
    lags = False


def test_what_is_listed_only_after_its_campaign_has_ended_is_taken_in_held_for_and_paid(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    with lagging(market):
        frame.work()
        flow.stop_outside(campaign)
        for _ in range(3):
            looked_at()
        campaign.refresh_from_db()
        assert (campaign.state, Publication.objects.get().state) == ("stopped", "collected")
        assert Budget.objects.get(owner=campaign.key).amount == 0

    for _ in range(4):
        looked_at()

    claim = frame.claim()
    assert (claim.state, claim.page.state, claim.page.pay) == ("confirmed", "approved", 10)
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert Publication.objects.get().state == "disposed"
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert books.imbalances() == []


def test_an_offer_whose_time_is_over_by_our_clock_is_taken_off_the_market_before_another_is_made(market):
    launched(items=2, page_size=2, redundancy=1)
    (hit,) = market.hits()
    assert hit.task.closes_at > clock.now()

    Publication.objects.update(expires_at=clock.now())
    looked_at()

    old, new = market.hits()
    assert (old, old.task.closes_at <= clock.now()) == (hit, True)
    assert new.task.closes_at > clock.now()


def test_an_offer_that_somebody_took_off_at_the_market_is_over_here_too_and_another_is_made(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    offer = Publication.objects.get()

    market.client().update_expiration_for_hit(HITId=offer.name, ExpireAt=0)
    for _ in range(2):
        looked_at()

    offer.refresh_from_db()
    assert offer.state == "disposed"
    assert Publication.objects.get(state="live").asked == 1
    assert Budget.objects.get(owner=campaign.key).held == 10


def test_a_slot_that_its_worker_gave_back_and_took_again_has_its_whole_time(market, time_machine):
    launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    time_machine.move_to(clock.now() + timedelta(hours=1))
    looked_at()
    assert frame.claim().state == "lapsed"

    frame.get()
    looked_at()

    assert (frame.claim().state, frame.claim().page.state) == ("claimed", "leased")
