"""A market that says it took an offer off, and did not, or whose website offers it again: it is asked until it has."""

import pytest

from apps.channels.models import Claim, Publication
from apps.channels.mturk.channel import channel
from apps.core import clock
from apps.pipeline import flow
from tests.channels.faults import answered, between
from tests.channels.market import accept, launched, looked_at
from tests.channels.test_refusals_and_late_payments import refusing
from tests.channels.test_said_when_there_is_nothing import said
from tests.turkapi.over_boto3 import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def lies(market):
    """Return what is true while the market says of withdrawals that they are done, and does nothing."""
    lying = {"now": True}

    def wire(request):
        if "UpdateExpirationForHIT" in str(request.headers["X-Amz-Target"]) and lying["now"]:
            return answered(request, 200, b"{}")
        return send(request)

    between(market.client(), iter(lambda: wire, None))
    return lying


def stopped(campaign):
    flow.stop_outside(campaign)
    looked_at()


def is_open():
    return channel().standing(Publication.objects.get().name).is_open


def test_an_offer_that_is_still_open_is_asked_to_be_taken_off_again_and_said_to_be(market, lies):
    campaign = launched(items=4, page_size=2, redundancy=1)

    stopped(campaign)
    assert is_open()
    assert "the market still offers it" in said("mturk", "status", campaign.name)
    lies["now"] = False
    stopped(campaign)
    assert not is_open()
    looked_at()

    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    assert "still offers" not in said("mturk", "status", campaign.name)


def test_an_offer_that_somebody_offers_again_there_is_taken_off_again(market):
    campaign = launched(items=4, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    stopped(campaign)
    name = Publication.objects.get().name
    market.client().update_expiration_for_hit(HITId=name, ExpireAt=clock.now().replace(year=clock.now().year + 1))

    looked_at()

    assert not is_open()


def test_who_takes_a_slot_after_it_was_taken_off_gets_no_page_and_who_had_one_before_does(market, lies):
    campaign = launched(items=6, page_size=2, redundancy=1)
    early = accept(market)
    stopped(campaign)
    late = accept(market)

    opened = early.get()
    refused = late.get()

    assert (opened.status_code, refused.status_code) == (200, 410)
    assert list(Claim.objects.values_list("assignment", flat=True)) == [early.assignment]
    for _ in range(2):  # neither does a look that sees more slots taken let anybody in
        looked_at()
        assert late.get().status_code == 410


def test_who_handed_in_is_approved_though_the_market_refuses_to_take_the_offer_off(market):
    campaign = launched(items=4, page_size=2, redundancy=1)
    frame = accept(market)
    frame.work()
    refusing(market, "UpdateExpirationForHIT")

    stopped(campaign)

    assert Claim.objects.get().page.state == "approved"
    assert "NoSuchThing" in Publication.objects.get().problem
