"""What can't be done as things are (409) says which state stands in the way, what it is and what it should be.

Every client with a token in these tests holds each 409 to that (`machine.Machine`); here is one for each noun.
"""

import pytest
from machine import JSON, V1, machine, working

from apps.api import problems
from apps.api.wire.base import FieldProblem
from apps.core.conflicts import Conflicting
from apps.members.models import Role
from apps.work import services as work
from apps.workforce.models import Group
from tests.factories import OrganizationFactory, draft
from tests.running import deposit, handed_in, running, worker_of

pytestmark = pytest.mark.django_db
PERIOD = {"currency": "USD", "until": "2026-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("campaigns/{running}/resume", {}, ("campaign.state", "running", "paused")),
        ("campaigns/{running}/launch", {}, ("campaign.state", "running", "draft")),
        ("campaigns/{draft}/pause", {}, ("campaign.state", "draft", ["running"])),
        ("campaigns/{draft}/top-up", {"amount": "1.00", "reference": "x"}, ("campaign.state", "draft", "launching")),
        ("campaigns/{draft}/stop-outside", {}, ("campaign.channel", "internal", ["mturk"])),
        ("campaigns/{running}/offer-again", {}, ("campaign.channel", "internal", ["mturk"])),
        ("campaigns/{running}/anew", {}, ("guidelines.version", 1, "2 or more")),
        ("campaigns/{running}/audits", {"size": 400}, ("labels", 0, "at least 400")),
        ("reviews/{review}/take-back", {}, ("review.asked", "", ["approve", "reject"])),
        ("invitations", {"email": "new@example.org"}, ("terms", None, "published")),
        ("payout-batches", PERIOD, ("payable", 0, "above 0")),
        ("refunds", {"amount": 9900, "currency": "USD", "reference": "r"}, ("funds", "7.00 USD", "at least 99.00 USD")),
    ],
)  # fmt: skip
def test_a_state_in_the_way_is_named_with_what_it_is_and_what_it_should_be(path, body, expected):
    campaign = running(items=2)
    deposit(campaign, 700)
    rows = {
        "running": campaign.pk,
        "draft": draft(dataset=campaign.dataset, organization=campaign.organization).pk,
        "review": reviewed(campaign),
    }

    said = machine(campaign.organization, Role.ADMIN).post(f"{V1}/{path.format(**rows)}", body, **JSON)

    assert said.status_code == 409, said.content
    (error,) = said.json()["errors"]
    field, found, wanted = expected
    assert (error["field"], error["is"]) == (field, found)
    assert wanted in error["should_be"] if isinstance(wanted, str) else error["should_be"] == wanted
    assert error["detail"] == said.json()["detail"]


def reviewed(campaign):
    from apps.quality import services as quality

    page = handed_in(campaign, worker_of(campaign))
    return quality.review(page).pk


def test_a_launched_campaigns_question_is_not_changed_and_its_state_is_named():
    campaign = running(items=1)
    path, client = f"{V1}/campaigns/{campaign.pk}", machine(campaign.organization, Role.ADMIN)

    said = client.put(path, {**client.get(f"{path}/file").json(), "redundancy": 7}, **JSON)

    (error,) = said.json()["errors"]
    assert (said.status_code, error["field"], error["is"], error["should_be"]) == (
        409, "campaign.state", "running", "draft",
    )  # fmt: skip


def test_a_taken_name_is_named():
    campaign = running(items=1)
    first, second = (Group.objects.create(organization=campaign.organization, name=name) for name in "ab")

    said = machine(campaign.organization, Role.ADMIN).patch(f"{V1}/groups/{second.pk}", {"name": first.name}, **JSON)

    assert said.status_code == 409, said.content
    assert [(error["field"], error["is"]) for error in said.json()["errors"]] == [("name", "a")]


def test_a_worker_without_work_is_told_what_stands_in_the_way():
    campaign = running(items=1)
    client, _ = working(campaign)
    campaign.move("paused")

    said = client.post(f"{V1}/campaigns/{campaign.pk}/assignments", {}, **JSON)

    (error,) = said.json()["errors"]
    assert (said.status_code, error["field"], error["is"], error["should_be"]) == (
        409, "campaign.state", "paused", "running",
    )  # fmt: skip


def test_other_answers_than_were_handed_in_are_named():
    campaign = running(items=1)
    client, worker = working(campaign)
    page = work.lease(campaign, worker=worker)
    path, token = f"{V1}/assignments/{page.pk}/submit", page.places.get().token.hex
    client.post(path, {"answers": {token: {"answer": "cat"}}}, **JSON)

    said = client.post(path, {"answers": {token: {"answer": "dog"}}}, **JSON)

    assert said.status_code == 409, said.content
    assert [error["field"] for error in said.json()["errors"]] == ["answers"]


def test_whatever_is_answered_with_409_has_a_state_to_name():
    not_now = [error for error, status in problems.STATUS.items() if status == 409]

    assert not_now
    assert [error for error in not_now if not issubclass(error, Conflicting)] == []


def test_the_schema_tells_of_both():
    assert {"is", "should_be"} <= set(FieldProblem().fields)


def test_what_lies_under_a_key_that_is_gone_is_refused_with_the_setting_that_should_hold_it(settings):
    admin, asked = (
        machine(OrganizationFactory(), Role.ADMIN),
        {"url": "https://hooks.example/", "events": ["payout.sent"]},
    )
    settings.OUTBOUND_HOSTS = ["hooks.example"]
    once = {"headers": {"Idempotency-Key": "a secret is shown to this one"}, **JSON}
    assert admin.post(f"{V1}/webhooks", asked, **once).status_code == 201

    settings.VAULT_KEYS = ["another key that is long enough to be one"]
    said = admin.post(f"{V1}/webhooks", asked, **once)

    assert said.status_code == 409, said.content
    assert said.json()["errors"][0]["field"] == "LABELCROWD_VAULT_KEYS"
    assert "var/vault_key" in said.json()["detail"]
