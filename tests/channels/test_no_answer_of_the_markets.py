"""A 200 that is not the market's answer says nothing: what was asked may be done or not, and is looked for."""

import pytest

from apps.channels.base import ChannelUnknown
from apps.channels.mturk.channel import channel
from tests.channels.faults import FALSE, between
from tests.channels.market import accept, launched, looked_at
from tests.turkapi.over_boto3 import worker_id

pytestmark = pytest.mark.django_db
VERBS = {
    "a bonus": lambda of: channel().pay_bonus(of, worker="W" * 14, cents=5, reason="Thorough", token="t"),
    "an approval": lambda of: channel().approve(of),
    "a rejection": lambda of: channel().reject(of, reason="Empty"),
    "an extension": lambda of: channel().extend(of, slots=1, token="t"),
    "a withdrawal": lambda of: channel().withdraw(of),
    "a deletion": lambda of: channel().delete(of),
    "a block": lambda of: channel().block("W" * 14, reason="Robot"),
    "the end of a block": lambda of: channel().unblock("W" * 14),
    "a qualification": lambda of: channel().grant("W" * 14, name="Masters"),
    "the end of a qualification": lambda of: channel().revoke("W" * 14, name="Masters"),
}


@pytest.mark.parametrize("fault", FALSE, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_whether_it_was_done_is_not_known(market, verb, fault):
    between(market.client(), iter(lambda: fault, None))

    with pytest.raises(ChannelUnknown):
        verb("A" * 30)


@pytest.mark.parametrize("fault", FALSE, ids=lambda fault: fault.__name__)
def test_a_bonus_is_not_booked_before_the_market_has_it(market, fault):
    launched(items=2, page_size=1, redundancy=1, price=10)
    worker = market.worker()
    accept(market, worker).work()
    looked_at()
    slot = channel().statement([str(market.hits()[0])])[0].assignment

    between(market.client(), iter([fault]))
    with pytest.raises(ChannelUnknown):
        channel().pay_bonus(slot, worker=worker_id(worker), cents=5, reason="Thorough", token="t")

    assert channel().bonuses(slot) == []
    channel().pay_bonus(slot, worker=worker_id(worker), cents=5, reason="Thorough", token="t")
    assert [line.cents for line in channel().bonuses(slot)] == [5]
