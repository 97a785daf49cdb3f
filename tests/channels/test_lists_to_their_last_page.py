"""A market gives its lists page by page: each of ours is read to the last one."""

import pytest

from apps.channels.models import Claim, Publication, Qualifier
from apps.channels.mturk import calls, qualifying
from apps.channels.mturk.channel import channel
from tests.channels.market import accept, launched, looked_at
from tests.channels.test_refusals_and_late_payments import compared
from tests.turkapi.over_boto3 import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def turned(market, monkeypatch):
    """Return the lists of which a further page was asked for, a page having one row."""
    monkeypatch.setattr(calls, "PAGE", 1)
    found = set()

    def told(request, **kwargs):
        if b"NextToken" in request.body:
            found.add(str(request.headers["X-Amz-Target"]).rstrip("'").rpartition(".")[2])
        return send(request)

    market.client().meta.events.unregister("before-send.mturk", send)
    market.client().meta.events.register("before-send.mturk", told)
    return found


def test_what_was_handed_in_and_paid_is_read_to_the_last_page(market, turned):
    campaign = launched(items=8, page_size=2, redundancy=1, price=10)
    frames = [accept(market) for _ in range(3)]
    for frame in frames:
        frame.work()
        market.bonus(frame, "0.05")

    looked_at()

    assert {claim.assignment for claim in Claim.objects.filter(state="confirmed")} == {one.assignment for one in frames}
    row = compared(campaign)
    assert (row.market, row.market_amount) == (6, 45)
    assert {"ListAssignmentsForHIT", "ListBonusPayments"} <= turned


def test_an_offer_and_a_qualification_are_found_on_whichever_page(market, turned):
    for _ in range(3):
        launched(items=2, page_size=2, redundancy=1)
    names = [f"ours {n}" for n in range(3)]
    made = {name: qualifying.known_as(channel().calls, name) for name in names}
    Qualifier.objects.all().delete()  # as if it were not known which ones there are

    assert {offer.name: channel().find(offer.key) for offer in Publication.objects.all()} == {
        offer.name: offer.name for offer in Publication.objects.all()
    }
    assert {name: qualifying.known_as(channel().calls, name) for name in names} == made
    assert "ListHITs" in turned
