"""A worker's machine: lease and hand in over the API."""

import json
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from machine import JSON, V1, answers, bearer, machine, working

from apps.campaigns.services.making import publish_guidelines
from apps.core import clock
from apps.datasets.models import Item
from apps.members import consent
from apps.members import services as members
from apps.members.models import Role, Scope, Token
from apps.work import services as work
from apps.work.models import Assignment, Judgment
from apps.workforce.services import restrict
from tests.factories import OrganizationFactory, UserFactory
from tests.running import handed_in, reported, running, worker_of

pytestmark = pytest.mark.django_db


def lease(client, campaign, **body):
    return client.post(f"{V1}/campaigns/{campaign.pk}/assignments", body, **JSON)


def submit(client, page, body):
    return client.post(f"{V1}/assignments/{page['id']}/submit", body, **JSON)


def test_a_worker_leases_a_page_and_hands_it_in():
    campaign = running(items=2, page_size=2, price=10)
    client, worker = working(campaign)

    page = lease(client, campaign).json()
    said = submit(client, page, answers(page))

    assert (page["kind"], page["settings"]["options"]) == ("single_choice", ["cat", "dog", "cow"])
    assert [place["position"] for place in page["places"]] == [1, 2]
    assert page["places"][0]["parts"][0]["type"] == "text"
    assert said.status_code == 200
    assert said.json() == {
        "id": page["id"], "campaign": str(campaign.pk), "state": "submitted", "pay": 10, "currency": "USD",
    }  # fmt: skip
    assert Judgment.objects.filter(worker=worker).count() == 2


@pytest.mark.parametrize(("claimed", "believed"), [(12.5, 12.5), (900, 60), (None, None)])
def test_time_worked_is_believed_up_to_the_time_in_hand(claimed, believed):
    client, _ = working(campaign := running(items=1, page_size=1))
    with time_machine.travel(clock.now(), tick=False) as now:
        page = lease(client, campaign).json()
        now.shift(60)
        told = {} if claimed is None else {"active_seconds": claimed}
        said = submit(client, page, {**answers(page), **told})

    assert said.status_code == 200
    assert Assignment.objects.get().active_seconds == believed


@pytest.mark.parametrize("claimed", ["12", True, -1, [3]])
def test_time_that_is_none_is_refused_by_its_field(claimed):
    client, _ = working(campaign := running(items=1, page_size=1))
    page = lease(client, campaign).json()

    refused = submit(client, page, {**answers(page), "active_seconds": claimed})

    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["active_seconds"]
    assert Assignment.objects.get().state == "leased"


def test_the_page_in_hand_is_answered_again_and_the_one_behind_it_is_asked_for_by_its_id():
    campaign = running(items=6, page_size=2)
    client, _ = working(campaign)

    first, again = lease(client, campaign).json(), lease(client, campaign).json()
    second = lease(client, campaign, after=first["id"]).json()
    in_the_address = client.post(f"{V1}/campaigns/{campaign.pk}/assignments?after={first['id']}", "", **JSON).json()

    assert again["id"] == first["id"]
    assert second["id"] != first["id"]
    assert in_the_address["id"] == second["id"]


def test_the_same_again_is_answered_alike_and_other_answers_are_refused():
    campaign = running(items=2, page_size=2)
    client, _ = working(campaign)
    page = lease(client, campaign).json()

    first, again, other = [submit(client, page, answers(page, answer)) for answer in ("cat", "cat", "dog")]

    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert other["Content-Type"] == "application/problem+json"
    assert other.json()["detail"] == "this page was handed in before, with other answers: those stand"


def test_answers_that_cannot_be_taken_are_told_by_their_place():
    campaign = running(items=1, page_size=1)
    client, _ = working(campaign)
    page = lease(client, campaign).json()

    said = submit(client, page, answers(page, "cow boy"))

    assert said.status_code == 422
    (error,) = said.json()["errors"]
    assert error["field"] == f"answers.{page['places'][0]['token']}"
    assert "'cow boy'; it should be one of ['cat', 'dog', 'cow']" in error["detail"]


def test_no_work_is_a_conflict_with_its_reason():
    campaign = running(items=1, page_size=1)
    client, _ = working(campaign)
    page = lease(client, campaign).json()
    submit(client, page, answers(page))

    said = lease(client, campaign)

    assert (said.status_code, said.json()["reason"]) == (409, "done")


@pytest.mark.parametrize(
    "body", ["{", "[" * 100_000, "[]", '{"answers": []}', "{}", '{"answers": {"x": {"answer": NaN}}}']
)
def test_what_cannot_be_read_is_refused_with_a_problem(body):
    campaign = running(items=1)
    client, _ = working(campaign)
    page = lease(client, campaign).json()

    said = submit(client, page, body)

    assert said.status_code == 400
    assert said["Content-Type"] == "application/problem+json"
    assert said.json()["detail"]


def test_a_members_token_works_as_the_worker_whom_the_member_is_on_the_campaigns_channel():
    campaign = running(items=2)
    user = UserFactory()
    worker = worker_of(campaign, user=user)

    page = lease(bearer(campaign.organization, Scope.WORK, user=user), campaign).json()

    assert Assignment.objects.get(pk=page["id"]).worker == worker


def test_anothers_page_and_one_that_never_was_are_not_there_alike():
    campaign = running(items=4, page_size=2)
    mine, _ = working(campaign)
    other, _ = working(campaign)
    page = lease(mine, campaign).json()

    said = [submit(other, {"id": pk}, answers(page)) for pk in (page["id"], uuid.uuid4())]

    assert [answer.status_code for answer in said] == [404, 404]
    assert said[0].json() == said[1].json()


def test_a_campaign_of_another_organization_is_not_there():
    campaign = running(items=2)
    stranger, _ = working(running(items=2))

    assert lease(stranger, campaign).status_code == 404


def test_without_a_token_nobody_works():
    campaign = running(items=2)

    said = lease(Client(), campaign)

    assert said.status_code == 401
    assert said["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token():
    campaign = running(items=2)
    user = UserFactory()
    worker_of(campaign, user=user)
    browser = Client()
    browser.force_login(user)

    assert lease(browser, campaign).status_code == 401


@pytest.mark.parametrize("given", ["Bearer lc_unknown", "Bearer", "Bearer  ", "Basic YTpi", "lc_x", "Bearer \ud800"])
def test_a_token_that_is_none_lets_nobody_in(given):
    said = Client().post(f"{V1}/campaigns/{uuid.uuid4()}/assignments", headers={"authorization": given})

    assert said.status_code == 401


def test_a_token_that_ended_or_was_revoked_or_whose_member_left_lets_nobody_in():
    campaign = running(items=4, page_size=1)
    client, _ = working(campaign)
    user = UserFactory()
    worker_of(campaign, user=user)
    of_user = bearer(campaign.organization, Scope.WORK, user=user)
    assert (lease(client, campaign).status_code, lease(of_user, campaign).status_code) == (200, 200)

    members.revoke(Token.objects.get(user=None))
    user.is_active = False
    user.save()

    assert (lease(client, campaign).status_code, lease(of_user, campaign).status_code) == (401, 401)


def test_a_token_ends_at_its_time():
    campaign = running(items=4)
    client, _ = working(campaign)
    Token.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert lease(client, campaign).status_code == 401


def test_a_token_without_the_scope_is_refused():
    campaign = running(items=2)
    user = UserFactory()
    worker_of(campaign, user=user)

    assert lease(bearer(campaign.organization, Scope.READ, Scope.WRITE, user=user), campaign).status_code == 403


def test_a_member_who_is_no_worker_finds_no_campaign_to_work_in():
    campaign = running(items=2)

    assert lease(machine(campaign.organization, Role.REQUESTER), campaign).status_code == 404


def test_only_the_hash_of_a_token_is_kept_and_its_use_is_noted_once_a_minute():
    organization = OrganizationFactory()
    token, secret = members.make_token(organization, name="x", scopes=[Scope.READ], days=1, user=UserFactory())
    client = Client(headers={"authorization": f"Bearer {secret}"})

    for _ in range(2):
        client.post(f"{V1}/assignments/{uuid.uuid4()}/submit", {}, **JSON)
    token.refresh_from_db()
    first = token.last_used_at
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        client.post(f"{V1}/assignments/{uuid.uuid4()}/submit", {}, **JSON)
    token.refresh_from_db()

    assert all(secret not in str(value) for value in vars(token).values())
    assert first
    assert token.last_used_at > first


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"days": 10_000}, {"user": None}],
)
def test_a_token_that_says_not_what_for_or_how_long_is_not_made(wrong):
    good = {"name": "x", "scopes": [Scope.READ], "days": 1, "user": UserFactory()}

    with pytest.raises(members.BadToken):
        members.make_token(OrganizationFactory(), **good | wrong)


def test_a_page_is_changed_until_its_review_and_not_after():
    campaign = running(items=1, page_size=1, grace_seconds=600)
    client, worker = working(campaign)
    page = lease(client, campaign).json()
    submit(client, page, answers(page))

    changed = client.post(f"{V1}/assignments/{page['id']}/change", answers(page, "dog"), **JSON)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        late = client.post(f"{V1}/assignments/{page['id']}/change", answers(page, "cow"), **JSON)

    assert (changed.status_code, late.status_code) == (200, 409)
    assert Judgment.objects.get(worker=worker, counted=True).answer == "dog"


def test_the_page_of_a_gold_question_equals_that_of_an_ordinary_one_but_for_its_random_token():
    campaign = running(items=12, gold=6, gold_share=0.5, page_size=12)
    Item.objects.update(data={"text": "the same"})
    client, _ = working(campaign)

    page = lease(client, campaign).json()

    assert Assignment.objects.get().places.filter(task__gold=True).exists()
    assert {(*place,) for place in page["places"]} == {("token", "position", "parts")}
    assert len({str(place["parts"]) for place in page["places"]}) == 1
    assert not {"gold", "task", "item", "external_id"} & set(page)


def test_who_has_new_terms_to_agree_to_is_told_before_more_work_and_agrees_by_the_api():
    campaign = running(items=2)
    user = UserFactory()
    worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    terms = consent.publish(campaign.organization, text="Be fair.")

    refused, held_up = client.get(f"{V1}/offers"), lease(client, campaign)
    waiting = client.get(f"{V1}/account/agreements").json()["results"]
    agreed = client.post(f"{V1}/account/agreements", {"terms": waiting[0]["id"]}, **JSON)

    assert (refused.status_code, held_up.status_code, agreed.status_code) == (403, 403, 201)
    assert "account/agreements" in refused.json()["detail"] == held_up.json()["detail"]
    assert not Assignment.objects.exists()
    assert [each["id"] for each in waiting] == [terms.pk]
    assert client.get(f"{V1}/offers").status_code == lease(client, campaign).status_code == 200


def test_a_lease_asks_no_more_of_a_simulated_worker_than_the_list_of_terms_tells():
    campaign = running(items=2, channel="simulated")
    user = UserFactory()
    worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    consent.publish(campaign.organization, text="Be fair.")

    assert client.get(f"{V1}/account/agreements").json()["results"] == []
    assert client.get(f"{V1}/offers").status_code == lease(client, campaign).status_code == 200


def test_a_worker_sets_forgets_and_sees_masked_where_they_are_paid():
    campaign = running(items=2)
    user = UserFactory()
    worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)

    bad = client.put(f"{V1}/account/payout-method", {"method": "bank", "name": "Ada", "iban": "DE00"}, **JSON)
    kept = client.put(
        f"{V1}/account/payout-method", {"method": "bank", "name": "Ada", "iban": "DE02120300000000202051"}, **JSON
    )
    gone = client.delete(f"{V1}/account/payout-method")

    assert (bad.status_code, kept.status_code, gone.status_code) == (422, 200, 204)
    assert kept.json()["results"][0]["shown"] == "DE•• •••• 2051"
    assert client.get(f"{V1}/account/payout-method").json()["results"] == []


def test_a_worker_is_told_what_a_page_came_to_and_sees_own_pages_and_data():
    campaign = running(items=2, page_size=1, price=10)
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    page = handed_in(campaign, worker)

    outcome = client.get(f"{V1}/assignments/{page.pk}/outcome").json()
    pages = client.get(f"{V1}/pages").json()["results"]
    held = json.loads(client.get(f"{V1}/account/data").getvalue())

    assert (outcome["state"], outcome["lessons"], outcome["result"]) == ("submitted", [], None)
    token = page.places.get().token.hex
    assert outcome["answers"] == [{"token": token, "state": "answered", "answer": "cat", "note": ""}]
    assert [each["id"] for each in pages] == [str(page.pk)]
    assert held["account"]["email"] == user.email


def test_a_report_is_told_as_a_report_also_after_a_rejection():
    campaign = running(items=2, page_size=2)
    user = UserFactory()
    page = reported(campaign, worker_of(campaign, user=user))
    work.reject(page)

    answers = bearer(campaign.organization, Scope.WORK, user=user).get(f"{V1}/assignments/{page.pk}/outcome").json()

    assert {each["state"] for each in answers["answers"]} == {"broken"}


def test_who_was_stopped_reads_no_guidelines_in_an_offer():
    campaign = running(items=2)
    publish_guidelines(campaign, text="Cats have whiskers.")
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    before = client.get(f"{V1}/offers").json()["results"][0]
    restrict(worker, scope=campaign.key, reason="copied", by=UserFactory())

    after = client.get(f"{V1}/offers").json()["results"][0]

    assert (before["guidelines"], after["guidelines"], after["settings"]) == ("Cats have whiskers.", "", {})


def test_p13_to_contest_what_one_was_not_told_gets_one_answer_whether_it_is_gold_or_nothing():
    campaign, other = (running(items=2, gold=1, page_size=1) for _ in range(2))
    worker = worker_of(campaign, user=UserFactory())
    page = handed_in(campaign, worker)
    client = bearer(campaign.organization, Scope.WORK, user=worker.user)
    golds = [campaign.gold.get().pk, other.gold.get().pk, 2**40]

    told = [
        client.post(f"{V1}/assignments/{page.pk}/contest", json.dumps({"gold": gold, "text": "No cat."}), **JSON)
        for gold in golds
    ]

    assert [answer.status_code for answer in told] == [409] * 3
    assert len({answer.json()["detail"] for answer in told}) == 1
