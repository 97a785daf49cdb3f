"""Laws for every outside market: a folder with a `channel.py` is one, and is found by being there.

A stand-in for its outside lies in `tests.channels.market`.
"""

import inspect
from importlib import import_module

import pytest

from apps.channels import discovery
from apps.channels.base import Channel, ChannelRefused, Offer
from apps.workforce.models import OUTSIDE
from apps.workforce.models import Channel as Names
from tests.channels import market as stand_ins

pytestmark = pytest.mark.django_db
EVERY = pytest.mark.parametrize("name", discovery.names())
OFFER = Offer(
    title="Which animal?", description="Look and choose.", keywords="", reward=10, slots=3,
    address="https://labels.example.org/slots/1?a=1&b=2", lifetime_seconds=3600, lease_seconds=600,
    approve_after_seconds=86400,
)  # fmt: skip


def test_there_is_one_and_a_campaign_can_name_it():
    assert set(discovery.names()) == OUTSIDE
    assert set(discovery.names()) < set(Names.values)
    with pytest.raises(LookupError, match="is not one of the channels"):
        discovery.of("nowhere")


@EVERY
def test_it_keeps_the_whole_protocol_with_its_words(name):
    kept = import_module(f"apps.channels.{name}.market")
    made = next(each for each in vars(kept).values() if inspect.isclass(each) and hasattr(each, "publish"))

    for verb, asked in inspect.getmembers(Channel, inspect.isfunction):
        if not verb.startswith("_"):
            own = inspect.signature(getattr(made, verb))
            assert list(own.parameters) == list(inspect.signature(asked).parameters), verb


@EVERY
def test_the_same_token_makes_one_offer_which_is_found_by_its_key(name, market):
    channel = discovery.of(name)

    first = channel.publish(OFFER, key="k1", token="t1")
    again = channel.publish(OFFER, key="k1", token="t1")

    assert first == again == channel.find("k1")
    assert channel.find("k2") is None
    assert channel.standing(first).slots == 3


@EVERY
def test_an_offer_is_extended_once_for_a_token_withdrawn_and_deleted_again_and_again(name, market):
    channel = discovery.of(name)
    offer = channel.publish(OFFER, key="k1", token="t1")

    for _ in range(2):
        channel.extend(offer, slots=2, token="t2")
    assert channel.standing(offer).slots == 5
    for _ in range(2):
        channel.withdraw(offer)
    assert not channel.standing(offer).is_open
    for _ in range(2):
        channel.delete(offer)


@EVERY
def test_what_was_handed_in_is_collected_approved_once_and_listed_as_paid(name, market):
    channel = discovery.of(name)
    offer = channel.publish(OFFER, key="k1", token="t1")
    handed_in = stand_ins.handed_in_at(market)

    (found,) = channel.collect(offer)
    for _ in range(2):
        channel.approve(found.assignment)
    for _ in range(2):
        channel.pay_bonus(found.assignment, worker=found.worker, cents=7, reason="Good", token="t3")

    assert (found.assignment, found.state) == (handed_in, "submitted")
    assert [(line.kind, line.cents) for line in channel.statement([offer])] == [("bonus", 7), ("reward", 10)]
    with pytest.raises(ChannelRefused):
        channel.reject(found.assignment, reason="too late")


@EVERY
def test_a_rejection_is_overridden_when_that_is_asked_for(name, market):
    channel = discovery.of(name)
    offer = channel.publish(OFFER, key="k1", token="t1")
    assignment = stand_ins.handed_in_at(market)
    for _ in range(2):
        channel.reject(assignment, reason="Empty")

    with pytest.raises(ChannelRefused):
        channel.approve(assignment)
    channel.approve(assignment, override=True)

    assert [one.state for one in channel.collect(offer)] == ["approved"]


@EVERY
def test_a_qualification_is_made_once_granted_and_revoked_again_and_again(name, market):
    channel = discovery.of(name)
    worker = market.worker()
    for _ in range(2):
        channel.grant(market.name(worker), name="labelcrowd test")
    assert market.qualifications(worker) == {"labelcrowd test"}

    for _ in range(2):
        channel.revoke(market.name(worker), name="labelcrowd test")

    assert market.qualifications(worker) == set()


@EVERY
def test_what_it_costs_grows_with_slots_and_fees_are_never_negative(name, market):
    channel = discovery.of(name)

    costs = [channel.quote(slots, reward=10) for slots in (0, 1, channel.wave, channel.wave + 1, 100)]

    assert [cost.rewards for cost in costs] == [0, 10, 10 * channel.wave, 10 * channel.wave + 10, 1000]
    assert all(cost.fees >= 0 for cost in costs)
    assert channel.quote_bonus(50).rewards == 50
    assert channel.balance() == 100_000
