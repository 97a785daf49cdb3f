"""The same addresses for programs: JSON in, JSON out, with codes that say what happened."""

import uuid

import pytest
from at_work import JSON, asking, logged_in
from django.test import Client

from apps.core import rates
from apps.kinds import names, of
from apps.work import services as work
from apps.work.models import Assignment
from tests.factories import UserFactory
from tests.running import running

pytestmark = pytest.mark.django_db
ACCEPT = {"headers": {"accept": "application/json"}}


@pytest.mark.parametrize("kind", names())
def test_a_program_leases_a_page_of_every_kind_and_hands_it_in(kind):
    campaign = asking(kind, items=2, page_size=2, price=10)
    client = logged_in(campaign)

    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    answers = {place["token"]: {"answer": of(kind).examples.good[0]} for place in page["places"]}
    said = client.post(page["submit_url"], {"answers": answers}, **JSON)

    assert page["kind"] == kind
    assert of(kind).read_settings(page["settings"])
    assert [place["position"] for place in page["places"]] == [1, 2]
    assert {part["name"] for part in page["places"][0]["parts"]} == {*of(kind).examples.item, "note"}
    assert said.status_code == 200
    assert said.json() == {
        "state": "submitted", "pay": 10, "currency": "USD", "next_url": f"/work/{campaign.pk}/lease",
        "said": "Handed in: 0.10 USD.",
    }  # fmt: skip


def test_a_program_sees_the_campaigns_that_are_open_to_it_with_their_terms():
    campaign = running(items=3, page_size=2, price=10)
    client = logged_in(campaign)

    (offer,) = client.get("/work/campaigns.json").json()["campaigns"]

    assert offer["campaign"] == str(campaign.pk)
    assert (offer["price"], offer["currency"], offer["page_size"], offer["questions_left"]) == (10, "USD", 2, 1)
    assert offer["lease_url"] == f"/work/{campaign.pk}/lease"
    assert offer["why_not"] == ""


def test_the_page_behind_the_one_in_hand_can_be_fetched_ahead():
    campaign = running(items=4, page_size=2)
    client = logged_in(campaign)
    first = client.post(f"/work/{campaign.pk}/lease", **JSON).json()

    second = client.post(f"/work/{campaign.pk}/lease", {"after": first["assignment"]}, **JSON).json()

    assert second["assignment"] != first["assignment"]
    assert not {place["token"] for place in first["places"]} & {place["token"] for place in second["places"]}


def test_when_there_is_no_work_the_reason_is_a_code_and_a_sentence():
    campaign = running(items=2, page_size=2, most_pages=1)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    client.post(page["submit_url"], {"answers": {p["token"]: {"answer": "cat"} for p in page["places"]}}, **JSON)

    said = client.post(f"/work/{campaign.pk}/lease", **JSON)

    assert said.status_code == 409
    assert said.json() == {"reason": "cap", "sentence": "You have done the 1 pages that one worker may do here."}


def test_answers_that_cannot_be_taken_come_back_with_a_sentence_for_each_place():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    first, second = [place["token"] for place in page["places"]]

    said = client.post(page["submit_url"], {"answers": {first: {"answer": "cow"}, "strange": {"skip": ""}}}, **JSON)

    assert said.status_code == 422
    assert said.json()["problems"] == {
        second: "Question 2 has no answer yet: answer it, skip it, or report it as broken.",
        "strange": "This is not a question of the page.",
    }


def test_the_same_again_is_answered_alike_and_other_answers_are_refused():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    cats = {place["token"]: {"answer": "cat"} for place in page["places"]}
    dogs = {place["token"]: {"answer": "dog"} for place in page["places"]}

    first, again, other = [
        client.post(page["submit_url"], {"answers": answers}, **JSON) for answers in (cats, cats, dogs)
    ]

    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert other.json()["sentence"] == "This page was handed in before, with other answers: those stand."


def test_a_page_that_was_given_back_is_gone():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    given_back = client.post(page["page_url"] + "give-back", **JSON)

    said = client.post(page["submit_url"], {"answers": {}}, **JSON)

    assert given_back.json()["state"] == "returned"
    assert said.status_code == 410
    assert client.post(page["page_url"] + "extend", **JSON).status_code == 410


def test_a_page_tells_its_new_end_when_it_gets_more_time():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()

    said = client.post(page["page_url"] + "extend", **JSON)

    assert said.json()["expires_at"] == Assignment.objects.get().expires_at.isoformat() > page["expires_at"]


@pytest.mark.parametrize(
    ("sent", "because"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "should be a JSON object"),
        ('{"answers": []}', "'answers' should be an object"),
        ("{}", "'answers' should be an object"),
        ('{"answers": "\\u0000"}', "'answers' should be an object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(sent, because):
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()

    said = client.post(page["submit_url"], sent, **JSON)

    assert said.status_code == 400
    assert because in said.json()["sentence"]


def test_a_body_that_is_too_large_is_refused_with_a_sentence_that_says_what_can_be_done():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    given = {place["token"]: {"answer": "cat", "note": "x" * 3_000_000} for place in page["places"]}

    refused = client.post(page["submit_url"], {"answers": given}, **JSON)

    assert refused.status_code == 413
    assert refused.json() == {
        "sentence": "What was sent is larger than 5.0\xa0MB: make answers shorter or simpler, or skip a question."
    }


def test_numbers_that_json_does_not_have_are_refused_and_not_stored():
    campaign = asking("number", items=1, page_size=1)
    client = logged_in(campaign)
    page = client.post(f"/work/{campaign.pk}/lease", **JSON).json()
    token = page["places"][0]["token"]

    said = client.post(page["submit_url"], f'{{"answers": {{"{token}": {{"answer": NaN}}}}}}', **JSON)

    assert said.status_code == 422


def test_strangers_and_people_who_are_no_workers_are_told_so_in_json():
    campaign = running(items=2)
    nobody = Client()
    nobody.force_login(UserFactory())

    assert Client().post(f"/work/{campaign.pk}/lease", **JSON).status_code == 401
    assert nobody.get("/work/campaigns.json", **ACCEPT).status_code == 403
    assert nobody.get("/work/campaigns.json", **ACCEPT).json()["sentence"]


def test_anothers_page_and_one_that_never_was_are_not_there_alike():
    campaign = running(items=4, page_size=2)
    page = logged_in(campaign).post(f"/work/{campaign.pk}/lease", **JSON).json()
    other = logged_in(campaign)

    said = [
        other.post(f"/work/pages/{pk}/submit", {"answers": {}}, **JSON) for pk in (page["assignment"], uuid.uuid4())
    ]

    assert [answer.status_code for answer in said] == [404, 404]
    assert said[0].json() == said[1].json() == {"sentence": "You have no such page."}


def test_a_page_that_is_not_in_hand_cannot_be_fetched_behind():
    campaign = running(items=4, page_size=2)
    client = logged_in(campaign)

    assert client.post(f"/work/{campaign.pk}/lease", {"after": str(uuid.uuid4())}, **JSON).status_code == 404
    assert client.post(f"/work/{campaign.pk}/lease", {"after": "7"}, **JSON).status_code == 400


def test_a_user_who_is_a_worker_of_two_organizations_sees_the_work_of_both():
    first, second = running(items=2), running(items=2)
    client = logged_in(first)
    worker = first.organization.workers.get()
    second.organization.workers.create(external_id="the same person", user=worker.user)

    offers = client.get("/work/campaigns.json").json()["campaigns"]

    assert {offer["campaign"] for offer in offers} == {str(first.pk), str(second.pk)}
    assert client.post(f"/work/{second.pk}/lease", **JSON).status_code == 200
    assert work.lease(first, worker=worker)


@pytest.mark.parametrize("what", ["account", "address", "campaign"])
def test_s9_who_asks_too_often_is_told_when_to_come_again(what, settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {what: [0.01, 2]}
    campaign = asking("single_choice", items=4)
    client = logged_in(campaign)

    answers = [client.get(f"/work/{campaign.pk}/", **JSON, REMOTE_ADDR="127.0.0.9") for _ in range(3)]
    page = client.get(f"/work/{campaign.pk}/", REMOTE_ADDR="127.0.0.9")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) >= 1
    assert page.status_code == 429
    assert "That was too often" in page.content.decode()
