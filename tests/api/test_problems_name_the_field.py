"""What a service refuses is said of the field that holds it, as what the API itself refuses is (RFC 9457)."""

import pytest
from machine import JSON, V1, machine

from apps.members.models import Role
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db
PERIOD = {"since": "2026-05-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("path", "body", "field", "because"),
    [
        ("campaigns/{campaign}/top-up", {"amount": "0.001", "reference": "x"}, "amount", "0.001 has more decimals"),
        ("campaigns/{campaign}/terms", {"redundancy": 1, "price": "0.001"}, "price", "0.001 has more decimals"),
        ("restrictions", {"worker": "{worker}", "reason": "x", "ends_at": "2020-01-01T00:00Z"}, "ends_at", "is over"),
        ("webhooks", {"url": "ftp://x.example/", "events": ["payout.sent"]}, "url", "it should begin with one of"),
        ("payment-exports", {**PERIOD, "format": "odt"}, "format", "'odt' is not one of the formats"),
        ("campaigns/{campaign}/exports", {"format": "odt"}, "format", "'odt' is not one of the formats"),
        ("payment-exports", {**PERIOD, "until": PERIOD["since"], "format": "csv"}, "since", "should be before until"),
        ("tokens", {"name": "x", "days": 1, "scopes": ["read"], "worker": "{worker}"}, "scopes", "should be ['work']"),
        ("campaigns-from-label-studio", {"name": "x", "dataset": "x", "config": "x"}, "config", ""),
        ("campaigns-from-label-studio", {"name": "x", "dataset": "x", "config": "<View/>"}, "config", ""),
        ("tokens", {"name": "x", "days": 1, "scopes": ["read"]}, "worker", "either a member's or a worker's"),
    ],
)  # fmt: skip
def test_a_refusal_of_a_service_names_the_field_what_it_is_and_what_it_should_be(path, body, field, because):
    campaign = running(items=1)
    rows = {"campaign": campaign.pk, "worker": worker_of(campaign).pk}
    given = {name: value.format(**rows) if isinstance(value, str) else value for name, value in body.items()}

    said = machine(campaign.organization, Role.ADMIN).post(f"{V1}/{path.format(**rows)}", given, **JSON)

    assert said.status_code == 422, said.content
    (error,) = said.json()["errors"]
    assert error["field"] == field
    assert because in error["detail"]
