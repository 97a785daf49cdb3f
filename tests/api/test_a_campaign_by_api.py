"""S4: a requester's machine: from rows to labels over the API, and what it is told when something is wrong."""

import json

import pytest
from machine import JSON, V1, answers, machine, working

from apps.campaigns.models import Campaign
from apps.datasets.models import Item
from apps.members.models import Role, Scope, Trail
from apps.pipeline import flow, operations
from apps.pipeline.models import Operation
from tests import belt
from tests.factories import CampaignFactory, DatasetFactory, OrganizationFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db
SPEC = {
    "name": "Animals", "dataset": "Birds", "kind": "single_choice",
    "settings": {"question": "Which?", "options": ["cat", "dog"]}, "guidelines": "Look closely.",
    "redundancy": 1, "page_size": 2, "price": "0.10", "budget": "10.00", "gold_share": 0, "early_gold": 0,
    "grace_seconds": 0,
}  # fmt: skip


def test_a_whole_campaign():
    organization = OrganizationFactory()
    client = machine(organization, Role.REQUESTER, Role.FINANCE)
    dataset = client.post(f"{V1}/datasets", {"name": "Birds"}, **JSON).json()["id"]
    bulk = client.post(f"{V1}/datasets/{dataset}/items", {"items": [{"external_id": "a", "text": "A"}]}, **JSON)
    belt.run()
    lines = '{"external_id": "b", "text": "B"}\n{"external_id": "a", "text": "A"}\n'
    client.post(f"{V1}/datasets/{dataset}/items", lines, content_type="application/x-ndjson")
    belt.run()
    done = client.get(bulk["Location"]).json()
    assert (done["state"], done["result"]["rows_added"]) == ("done", 1)
    assert [row["external_id"] for row in client.get(f"{V1}/datasets/{dataset}/items").json()["results"]] == ["a", "b"]

    client.post(f"{V1}/deposits", {"amount": 1000, "currency": "USD", "reference": "bank"}, **JSON)
    made = client.post(f"{V1}/campaigns", SPEC, **JSON)
    campaign = Campaign.objects.get(pk=made.json()["id"])
    checked = client.get(f"{V1}/campaigns/{campaign.pk}/check").json()
    launched = client.post(f"{V1}/campaigns/{campaign.pk}/launch", {}, **JSON)
    belt.run()
    assert (made.status_code, checked["ready"], checked["fees"], launched.status_code) == (201, True, 0, 202)
    assert client.get(launched["Location"]).json()["result"]["state"] == "running"

    worker, _ = working(campaign)
    page = worker.post(f"{V1}/campaigns/{campaign.pk}/assignments", {}, **JSON).json()
    worker.post(f"{V1}/assignments/{page['id']}/submit", answers(page), **JSON)
    belt.run()
    export = client.post(f"{V1}/campaigns/{campaign.pk}/exports", {"format": "jsonl"}, **JSON)
    belt.run()
    file = client.get(client.get(export["Location"]).json()["file"])
    labels = [json.loads(line) for line in b"".join(file).decode().splitlines()]

    assert client.get(f"{V1}/campaigns/{campaign.pk}/progress").json()["labels"] == 2
    assert {row["answer"] for row in client.get(f"{V1}/campaigns/{campaign.pk}/consensus").json()["results"]} == {"cat"}
    assert {row["item"] for row in labels} == {"a", "b"}
    assert client.get(f"{V1}/obligations").json()["results"][0]["amount"] == 10


def test_a_campaign_is_paused_resumed_stopped_and_cloned():
    campaign = running(items=2)
    client = machine(campaign.organization, Role.REQUESTER)
    at = f"{V1}/campaigns/{campaign.pk}"

    states = [client.post(f"{at}/{verb}", {}, **JSON).json()["state"] for verb in ("pause", "resume", "stop")]
    again = client.post(f"{at}/pause", {}, **JSON)
    clone = client.post(f"{at}/clone", {"name": "Again", "changes": {"redundancy": 5}}, **JSON).json()

    assert states == ["paused", "running", "stopping"]
    assert again.status_code == 409
    assert (clone["state"], clone["redundancy"]) == ("draft", 5)


def test_a_campaigns_file_makes_it_again():
    campaign = running(items=2)
    client = machine(campaign.organization, Role.REQUESTER)

    file = client.get(f"{V1}/campaigns/{campaign.pk}/file").json()
    made = client.post(f"{V1}/campaigns", file | {"name": "Again"}, **JSON)

    assert made.status_code == 201
    again = client.get(f"{V1}/campaigns/{made.json()['id']}/file").json()
    assert {**again, "settings": None} == file | {"name": "Again", "settings": None}
    assert [option["value"] for option in again["settings"]["options"]] == file["settings"]["options"]


def test_what_is_wrong_with_a_campaign_is_told_in_sentences():
    client = machine(OrganizationFactory(), Role.REQUESTER)

    said = client.post(f"{V1}/campaigns", SPEC | {"redundancy": "three", "prize": "1"}, **JSON)

    assert said.status_code == 422
    assert {error["field"] for error in said.json()["errors"]} == {"redundancy", "prize"}
    details = " ".join(error["detail"] for error in said.json()["errors"])
    assert "redundancy is 'three', it should be a whole number" in details
    assert "'prize' is not a field of a campaign; did you mean 'price'?" in details


@pytest.mark.parametrize(
    ("body", "field", "because"),
    [
        ({"name": ""}, "name", "may not be blank"),
        ({"name": "x" * 151}, "name", "no more than 150 characters"),
        ({"name": ["x"]}, "name", "is ['x']: it should be text, in quotes"),
        ({}, "name", "This field is required."),
        ({"name": "x", "owner": "me"}, "owner", "there is no field 'owner' here; there are ['description', 'name']"),
    ],
)
def test_a_problem_names_the_field_what_it_is_and_what_it_should_be(body, field, because):
    said = machine(OrganizationFactory(), Role.REQUESTER).post(f"{V1}/datasets", body, **JSON)

    assert said.status_code == 422
    (error,) = said.json()["errors"]
    assert error["field"] == field
    assert because in error["detail"]
    assert said.json()["status"] == 422
    assert said.json()["title"]


@pytest.mark.parametrize("body", ['{"name": "a\\u0000b"}', '{"name": "\\ud800"}', '{"a\\u0000": 1}'])
def test_text_that_cannot_be_kept_is_refused(body):
    assert machine(OrganizationFactory(), Role.REQUESTER).post(f"{V1}/datasets", body, **JSON).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "nam=x", "limit=0", "limit=1001", "limit=x", "order=organization__name", "order=description", "cursor=x",
        "cursor=WyItaWQiLCAieCJd", "name=%00", "organization__slug=x", "name__regex=x", "cursor=WyJuYW1lIiwgIngiXQ",
    ],
)  # fmt: skip
def test_s4_a_list_takes_the_parameters_it_has_and_no_others(query):
    said = machine(OrganizationFactory(), Role.REQUESTER).get(f"{V1}/datasets?{query}")

    assert said.status_code in (400, 422)
    assert said["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("order", ["name", "-name", "id", "-id"])
def test_pages_hold_every_row_once_in_order(order):
    organization = OrganizationFactory()
    DatasetFactory.create_batch(7, organization=organization)
    client = machine(organization, Role.REQUESTER)
    rows, cursor = [], ""

    while cursor is not None:
        page = client.get(f"{V1}/datasets?limit=3&order={order}{cursor and '&cursor=' + cursor}").json()
        rows += page["results"]
        cursor = page["next"]

    field = order.lstrip("-")
    assert [row[field] for row in rows] == sorted((row[field] for row in rows), reverse=order.startswith("-"))
    assert len({row["id"] for row in rows}) == 7


def test_lists_are_narrowed_by_what_is_allowed():
    campaign = running(items=3, page_size=1, redundancy=1)
    page = handed_in(campaign)
    client = machine(campaign.organization, Role.REQUESTER)
    item = Item.objects.filter(dataset=campaign.dataset).first()

    def ids(path):
        return [row["id"] for row in client.get(f"{V1}/{path}").json()["results"]]

    assert len(ids(f"datasets/{campaign.dataset_id}/items?external_id={item.external_id}")) == 1
    assert len(ids(f"campaigns/{campaign.pk}/tasks?external_id={item.external_id}&gold=false&state=open")) == 1
    assert ids(f"assignments?worker={page.worker_id}&state=submitted") == [str(page.pk)]
    assert ids(f"assignments?worker={campaign.pk}") == []
    assert client.get(f"{V1}/assignments?worker=x").status_code == 400
    assert len(ids(f"campaigns/{campaign.pk}/judgments?worker={page.worker_id}")) == 1


def test_a_list_costs_the_same_queries_for_one_row_and_many(django_assert_max_num_queries):
    campaign = running(items=30, page_size=10, redundancy=1)
    for _ in range(3):
        handed_in(campaign)
    client = machine(campaign.organization, Role.REQUESTER)
    client.get(f"{V1}/campaigns/{campaign.pk}/progress")  # the token's first use is noted, and its buckets are filled

    for path in ("tasks", "judgments", "consensus", "gold"):
        with django_assert_max_num_queries(6):
            client.get(f"{V1}/campaigns/{campaign.pk}/{path}")
    for path in ("workers", "assignments", "reviews", "campaigns"):
        with django_assert_max_num_queries(6):
            client.get(f"{V1}/{path}")


def test_a_body_that_is_too_long_is_refused_before_it_is_kept(settings, tmp_path):
    settings.MOST_UPLOAD_BYTES, settings.UPLOAD_ROOT = 1000, tmp_path
    dataset = DatasetFactory()
    client = machine(dataset.organization, Role.REQUESTER)

    said = client.post(f"{V1}/datasets/{dataset.pk}/items", "x" * 1001, content_type="text/csv")

    assert said.status_code == 413
    assert list(tmp_path.iterdir()) == []
    assert not Operation.objects.exists()


def test_depth_is_bounded_and_brackets_in_text_are_no_depth():
    dataset = DatasetFactory()
    client = machine(dataset.organization, Role.REQUESTER)
    at = f"{V1}/datasets/{dataset.pk}/items"

    assert client.post(at, '{"items": ' + "[" * 100 + "]" * 100 + "}", **JSON).status_code == 400
    assert client.post(at, {"items": [{"text": "[" * 100 + '"{'}]}, **JSON).status_code == 202


@pytest.mark.parametrize("verb", ["export_payments", operations.TAX_YEAR])
def test_a_file_of_money_is_not_for_who_sees_no_money(verb):
    organization = CampaignFactory().organization
    Operation.objects.create(organization=organization, verb=verb, subject="x")

    told = {role: machine(organization, role).get(f"{V1}/operations") for role in Role}

    assert told.pop(Role.REVIEWER).status_code == 403
    seen = {role: len(answer.json()["results"]) for role, answer in told.items()}
    assert seen == {Role.REQUESTER: 0, Role.FINANCE: 1, Role.ADMIN: 1}


def test_who_takes_a_tax_file_is_written_down(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    organization = CampaignFactory().organization
    finance = machine(organization, Role.FINANCE)
    made = flow.ask_for(
        organization, verb=operations.TAX_YEAR, subject=f"organization:{organization.pk}", asked={"year": 2026}
    )
    belt.run()

    answer = finance.get(f"{V1}/operations/{made.pk}/file")

    assert b"".join(answer.streaming_content).startswith(b"year,worker")
    assert Trail.objects.get(verb="download").data["file"] == f"tax-{organization.slug}-2026.csv"


def test_a_tax_file_names_people_and_takes_a_token_for_money(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    organization = CampaignFactory().organization
    reads = machine(organization, Role.FINANCE, scopes=[Scope.READ])
    subject = f"organization:{organization.pk}"
    made = flow.ask_for(organization, verb=operations.TAX_YEAR, subject=subject, asked={"year": 2026})
    belt.run()

    answer = reads.get(f"{V1}/operations/{made.pk}/file")

    assert (answer.status_code, "the scope money" in answer.json()["detail"]) == (403, True)
    assert not Trail.objects.filter(verb="download").exists()


def test_a_label_is_given_by_a_persons_word_and_that_is_taken_back():
    campaign = running(items=2, redundancy=2, page_size=2)
    handed_in(campaign)
    client = machine(campaign.organization, Role.REVIEWER)
    task = client.get(f"{V1}/campaigns/{campaign.pk}/tasks").json()["results"][0]["id"]
    address = f"{V1}/tasks/{task}/adjudication"

    refused = client.put(address, {"answer": "horse"}, **JSON)
    said = client.put(address, {"answer": "dog", "note": "It barks."}, **JSON)
    label = client.get(f"{V1}/campaigns/{campaign.pk}/consensus").json()["results"][0]
    states = [row["state"] for row in client.get(f"{V1}/campaigns/{campaign.pk}/tasks").json()["results"]]
    back = client.delete(address)

    assert (refused.status_code, said.status_code, back.status_code) == (422, 200, 204)
    assert (said.json()["answer"], said.json()["note"]) == ("dog", "It barks.")
    assert (label["answer"], label["method"]) == ("dog", "adjudicated")
    assert states == ["settled", "open"]
    assert client.get(f"{V1}/campaigns/{campaign.pk}/tasks").json()["results"][0]["state"] == "open"
