"""What a model suggests, by the API: who sees it is changed while the campaign runs."""

import pytest
from machine import JSON, V1, machine

from apps.members.models import Role, Trail
from tests.running import running

pytestmark = pytest.mark.django_db


def suggesting(**values):
    return running(items=4, page_size=4, show=["text"], suggestion_field="guess", suggested_to="workers", **values)


def test_who_sees_them_is_changed_with_a_reason_and_the_share_stays_unless_it_is_named():
    campaign = suggesting()
    client = machine(campaign.organization, Role.REQUESTER)
    where = f"{V1}/campaigns/{campaign.pk}/suggestions"

    halved = client.post(where, {"suggested_to": "workers", "suggestion_withheld": 0.5, "reason": "more"}, **JSON)
    ended = client.post(where, {"suggested_to": "reviewers", "reason": "it pulls too much"}, **JSON)

    seen = [(each.json()["suggested_to"], each.json()["suggestion_withheld"]) for each in (halved, ended)]
    assert seen == [("workers", 0.5), ("reviewers", 0.5)]
    lines = Trail.objects.filter(verb="change suggestions").order_by("pk")
    assert [line.reason for line in lines] == ["more", "it pulls too much"]


def test_what_can_not_be_is_refused_and_says_why():
    campaign, bare = suggesting(), running(items=2)
    client = machine(campaign.organization, Role.REQUESTER)
    other = machine(bare.organization, Role.REQUESTER)
    where = f"{V1}/campaigns/{campaign.pk}/suggestions"

    without = client.post(where, {"suggested_to": "nobody"}, **JSON)
    unbound = client.post(where, {"suggested_to": "workers", "suggestion_withheld": 1, "reason": "x"}, **JSON)
    none = other.post(f"{V1}/campaigns/{bare.pk}/suggestions", {"suggested_to": "reviewers", "reason": "x"}, **JSON)

    assert (without.status_code, unbound.status_code, none.status_code) == (422, 422, 409)
    assert "one can't be added" in none.json()["detail"]
