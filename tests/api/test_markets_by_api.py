"""What is open at outside markets by the API: read by who follows it, decided by finance, stopped by the requester."""

import hashlib

import pytest
from machine import JSON, V1, machine

from apps.members.models import Role, Trail
from tests.console.house import house
from tests.running import running

pytestmark = pytest.mark.django_db
WHY = {"reason": "seen in the market's list"}


def test_offers_slots_and_comparisons_of_ones_own_are_read():
    mine, _ = house(), house()
    client = machine(mine.organization, Role.REQUESTER)

    (offer,) = client.get(f"{V1}/publications?state=live").json()["results"]
    (slot,) = client.get(f"{V1}/claims?publication={offer['id']}").json()["results"]
    (compared,) = client.get(f"{V1}/reconciliations?open=false").json()["results"]
    file = client.get(f"{V1}/reconciliations/{compared['id']}/file")

    assert (offer["reward"], offer["fee"], offer["currency"]) == (10, 2, "USD")
    assert (slot["assignment"], slot["stuck"]) == ("A1", False)
    assert client.get(f"{V1}/claims?stuck=true").json()["results"] == []
    assert compared["agrees"] is True
    assert hashlib.sha256(file.content).hexdigest() == file["X-SHA256"]


@pytest.mark.parametrize("verb", ["pay-besides", "book-as-paid"])
def test_where_the_market_sees_to_it_by_itself_a_decision_is_refused_with_why(verb):
    mine = house()
    slot = mine.rows["channels.Claim"]
    finance = machine(mine.organization, Role.FINANCE)

    told = finance.post(f"{V1}/claims/{slot.pk}/{verb}", WHY, **JSON)
    without = finance.post(f"{V1}/claims/{slot.pk}/{verb}", {"reason": " "}, **JSON)

    assert (told.status_code, without.status_code) == (409, 422)
    assert told.json()["detail"] == "the market pays it, or did: there is nothing to decide about it"


def test_a_campaign_at_a_market_is_stopped_there_and_any_other_is_refused():
    outside, here = running(channel="mturk", items=2), running(items=2)

    stopped, refused = (
        machine(one.organization, Role.REQUESTER).post(f"{V1}/campaigns/{one.pk}/stop-outside", {}, **JSON)
        for one in (outside, here)
    )

    assert (stopped.status_code, stopped.json()["state"], refused.status_code) == (200, "stopping", 409)
    assert "at no outside market" in refused.json()["detail"]
    assert Trail.objects.filter(organization=outside.organization, verb="stop").exists()
