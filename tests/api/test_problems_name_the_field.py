"""What a service refuses is said of the field that holds it, as what the API itself refuses is (RFC 9457)."""

import pytest
from machine import JSON, V1, machine

from apps.members.models import Role
from tests.factories import DatasetFactory
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db
TEXT = {"kind": "free_text", "settings": {"question": "What?"}}
PERIOD = {"since": "2026-05-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("path", "body", "field", "because"),
    [
        ("campaigns/{campaign}/top-up", {"amount": "0.001", "reference": "x"}, "amount", "0.001 has more decimals"),
        ("deposits", {"amount": 1, "currency": "ZZZ", "reference": "x"}, "currency", "a currency of ISO 4217"),
        ("pay-policies", {"hourly": 1, "currency": "ZZZ"}, "currency", "is 'ZZZ': it should be a currency"),
        ("campaigns/{campaign}/terms", {"redundancy": 1, "price": "0.001"}, "price", "0.001 has more decimals"),
        ("restrictions", {"worker": "{worker}", "reason": "x", "ends_at": "2020-01-01T00:00Z"}, "ends_at", "is over"),
        ("webhooks", {"url": "ftp://x.example/", "events": ["payout.sent"]}, "url", "it should begin with one of"),
        ("payment-exports", {**PERIOD, "format": "odt"}, "format", "'odt' is not one of the formats"),
        ("campaigns/{campaign}/exports", {"format": "odt"}, "format", "'odt' is not one of the formats"),
        ("payment-exports", {**PERIOD, "until": PERIOD["since"], "format": "csv"}, "since", "should be before until"),
        ("tokens", {"name": "x", "days": 1, "scopes": ["read"], "worker": "{worker}"}, "scopes", "should be ['work']"),
        ("campaigns-from-label-studio", {"name": "x", "dataset": "x", "config": "x"}, "config", ""),
        ("campaigns-from-label-studio", {"name": "x", "dataset": "x", "config": "<View/>"}, "config", ""),
        ("datasets", {"name": "taken"}, "name", "there is a dataset named 'taken' already"),
        ("datasets", {"name": "a\x00b"}, "name", "U+0000"),
        ("campaigns", {"name": "{name}", "dataset": "{dataset}", **TEXT}, "name", "has a campaign named"),
        ("campaigns", {"name": "x", "dataset": "none", **TEXT}, "dataset", "has no dataset named 'none'"),
        ("tokens", {"name": "x", "days": 1, "scopes": ["fly"]}, "scopes.0", "is 'fly': it should be one of ['read',"),
        ("webhooks", {"url": "https://x.example/", "events": ["y"]}, "events.0", "is 'y': it should be one of ["),
        ("campaigns/{campaign}/gold", {"rows": [{"item": "a", "answers": [1]}, {"item": "b"}]}, "rows.1.answers", ""),
        ("tokens", {"name": "x", "days": 1, "scopes": ["read"]}, "worker", "either a member's or a worker's"),
    ],
)  # fmt: skip
def test_a_refusal_of_a_service_names_the_field_what_it_is_and_what_it_should_be(path, body, field, because):
    campaign = running(items=1)
    DatasetFactory(organization=campaign.organization, name="taken")
    rows = {"campaign": campaign.pk, "worker": worker_of(campaign).pk, "name": campaign.name}
    rows |= {"dataset": campaign.dataset.name, "pk": campaign.dataset_id}
    given = {name: value.format(**rows) if isinstance(value, str) else value for name, value in body.items()}

    said = machine(campaign.organization, Role.ADMIN).post(f"{V1}/{path.format(**rows)}", given, **JSON)

    assert said.status_code == 422, said.content
    (error,) = said.json()["errors"]
    assert error["field"] == field
    assert because in error["detail"]


def test_what_a_refusal_says_of_rows_within_rows_is_said_of_their_places():
    campaign = running(items=1)
    admin = machine(campaign.organization, Role.ADMIN)

    said = admin.post(f"{V1}/tokens", {"name": "x", "days": 1, "scopes": ["read", 5, "fly"]}, **JSON).json()

    assert [error["field"] for error in said["errors"]] == ["scopes.1", "scopes.2"]
    assert [error["detail"].partition(":")[0] for error in said["errors"]] == ["is 5", "is 'fly'"]


@pytest.mark.parametrize("path", ["bonuses", "restrictions"])
def test_an_id_in_a_body_that_nothing_has_is_said_of_its_field(path):
    campaign = running(items=1)
    given = {"worker": str(campaign.pk), "reason": "x", "amount": 5, "currency": "USD", "reference": "x"}
    given = {name: given[name] for name in (("worker", "reason") if path == "restrictions" else given)}

    said = machine(campaign.organization, Role.ADMIN).post(f"{V1}/{path}", given, **JSON)

    assert said.status_code == 404, said.content
    assert [error["field"] for error in said.json()["errors"]] == ["worker"]


@pytest.mark.parametrize(("key", "status"), [("", 400), ("again", 422)])
def test_a_key_that_cannot_be_taken_is_named(key, status):
    admin = machine(running(items=1).organization, Role.ADMIN)
    for name in ("one", "other"):
        said = admin.post(f"{V1}/datasets", {"name": name}, headers={"Idempotency-Key": key}, **JSON)

    assert said.status_code == status
    assert [error["field"] for error in said.json()["errors"]] == ["Idempotency-Key"]


def test_a_month_that_is_none_is_named():
    said = machine(running(items=1).organization, Role.ADMIN).get(f"{V1}/months/2026-13")

    assert (said.status_code, said.json()["errors"][0]["field"]) == (404, "month")
