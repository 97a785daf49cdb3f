"""What a model suggests, by the API: who sees it is changed while it runs, and what it does told."""

import pytest
from drf_spectacular.generators import SchemaGenerator
from machine import JSON, V1, machine

from apps.api.wire.suggestions import SuggestionsIn, SuggestionsOut
from apps.members.models import Role, Trail
from apps.work import services as work
from apps.work.queries import page as read
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db


def suggesting(**values):
    return running(items=4, page_size=4, show=["text"], suggestion_field="guess", suggested_to="workers", **values)


def test_how_good_they_are_and_what_seeing_them_does_is_told():
    campaign = suggesting(suggestion_model="m-1", suggestion_withheld=0.5, redundancy=20)
    for _ in range(10):
        worker = worker_of(campaign)
        page = work.lease(campaign, worker=worker)
        # Who sees it says so; all others say something else.
        answers = {one.token: {"answer": one.suggestion or "cat"} for one in read(page).places}
        work.submit(page.pk, worker=worker, answers=answers)
    client = machine(campaign.organization, Role.REVIEWER)

    told = client.get(f"{V1}/campaigns/{campaign.pk}/suggestions").json()

    assert [told[name] for name in ("suggested_to", "suggestion_withheld", "model")] == ["workers", 0.5, "m-1"]
    assert (told["seen"]["share"], told["unseen"]["share"]) == (1, 0)
    assert told["seen"]["total"] + told["unseen"]["total"] == 40
    assert (told["pull"]["by"], told["pull"]["is_certain"]) == (1, True)
    assert told["labels"] is None


def test_of_suggestions_that_nobody_sees_nothing_is_measured():
    campaign = running(items=2)
    client = machine(campaign.organization, Role.REQUESTER)

    told = client.get(f"{V1}/campaigns/{campaign.pk}/suggestions").json()

    assert (told["suggested_to"], told["model"]) == ("nobody", "")
    assert {told[name] for name in ("seen", "unseen", "pull", "labels")} == {None}


def test_the_schema_shows_what_is_sent_and_what_comes_back_by_examples():
    told = SchemaGenerator().get_schema(public=True)["paths"][f"{V1}/campaigns/{{campaign_id}}/suggestions"]

    sent = told["post"]["requestBody"]["content"]["application/json"]["examples"].values()
    given = told["get"]["responses"]["200"]["content"]["application/json"]["examples"].values()
    assert [SuggestionsIn(data=each["value"]).is_valid() for each in sent] == [True, True]
    assert [SuggestionsOut(each["value"]).data == each["value"] for each in given] == [True, True]


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
