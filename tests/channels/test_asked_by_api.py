"""A market is asked outside the transaction that keeps a request's answer; an outage is not kept as the answer."""

import pytest
from django.db import transaction

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Publication
from apps.channels.mturk.channel import channel
from apps.members.models import Role, Trail
from apps.pipeline.market_decisions import PAY_BESIDES
from tests.api.machine import JSON, V1, machine
from tests.channels.faults import between, unreachable
from tests.channels.market import launched, offered, worked
from tests.channels.test_decided_once import given_up

pytestmark = pytest.mark.django_db
WHY = {"reason": "It was never paid there"}
SEEN = WHY | {"seen_unpaid": True}


def key(name):
    return {"HTTP_IDEMPOTENCY_KEY": name}


def test_a_slot_is_paid_besides_once_for_a_key_and_the_market_is_asked_before_the_transaction(market):
    campaign, frame, _ = given_up(market)
    finance = machine(campaign.organization, Role.FINANCE)
    path = f"{V1}/claims/{frame.claim().pk}/pay-besides"

    first, again = (finance.post(path, SEEN, **JSON, **key("k")) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200), first.json()
    assert (again["Idempotency-Replayed"], again.json()) == ("true", first.json())
    assert Trail.objects.filter(verb=PAY_BESIDES).count() == 1


def test_an_outage_of_the_market_is_not_kept_for_the_key_and_what_it_says_then_is(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    finance = machine(campaign.organization, Role.FINANCE)
    path = f"{V1}/publications/{Publication.objects.get().pk}/accept"
    between(market.client(), iter([unreachable]))

    away, there, again = (finance.post(path, WHY, **JSON, **key("k")) for _ in range(3))

    assert (away.status_code, there.status_code, again.status_code) == (503, 409, 409)
    assert away["Retry-After"]
    assert "can't be asked" in away.json()["detail"]
    assert "stop or pause its campaign first" in there.json()["detail"]
    assert again["Idempotency-Replayed"] == "true"
    assert not Claim.objects.filter(besides=True).exists()


def test_a_launch_that_could_not_ask_for_the_markets_money_is_tried_again_under_its_key(market):
    campaign = offered(items=4, page_size=2, redundancy=1, price=10)
    requester = machine(campaign.organization, Role.REQUESTER)
    between(market.client(), iter([unreachable]))

    away, there = (requester.post(f"{V1}/campaigns/{campaign.pk}/launch", {}, **JSON, **key("k")) for _ in range(2))

    assert (away.status_code, there.status_code) == (503, 202), there.json()
    assert Campaign.objects.get(pk=campaign.pk).state != "draft"


def test_no_call_waits_for_its_turn_inside_a_transaction_for_all_others_would_wait_for_its_end(market):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        channel().balance()
