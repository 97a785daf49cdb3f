"""An organization's own by the API: its members and tokens, its books, its audits, and paying by a bank's file."""

import pytest
from machine import JSON, V1, machine

from apps.ledger import services as ledger
from apps.members.models import KeptAnswer, Membership, Role, Token, Trail
from apps.payments import services as payments
from apps.quality import services as quality
from apps.quality.models import AuditedTask
from tests.factories import OrganizationFactory, UserFactory
from tests.running import handed_in, running, work_through, worker_of

pytestmark = pytest.mark.django_db


def test_an_admin_gives_roles_and_nobody_changes_their_own():
    organization, boss = OrganizationFactory(), UserFactory(is_staff=True)
    client = machine(organization, Role.ADMIN, user=boss)

    made = client.post(f"{V1}/memberships", {"email": "new@example.org", "role": "finance"}, **JSON)
    own = client.post(f"{V1}/memberships", {"email": boss.email, "role": "finance"}, **JSON)
    undone = client.delete(f"{V1}/memberships/{Membership.objects.get(user=boss).pk}")
    gone = client.delete(f"{V1}/memberships/{made.json()['id']}")

    assert (made.status_code, own.status_code, undone.status_code, gone.status_code) == (201, 403, 403, 204)
    assert made.json()["password"]
    assert list(Trail.objects.order_by("pk").values_list("verb", flat=True)) == ["make token", "enrol", "dismiss"]
    assert Membership.objects.count() == 1


def test_s10_a_repeated_request_gets_the_same_token_and_the_secret_lies_readable_nowhere():
    organization = OrganizationFactory()
    client = machine(organization, Role.ADMIN)
    asked = {"name": "a robot", "scopes": ["read"], "days": 7, "user": str(Membership.objects.get().user_id)}
    key = {"headers": {"idempotency-key": "once"}}

    first, again = (client.post(f"{V1}/tokens", asked, **JSON, **key) for _ in range(2))

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Token.objects.filter(name="a robot").count() == 1
    assert first.json()["token"] not in KeptAnswer.objects.get().body


def test_a_token_that_is_revoked_lets_nobody_in():
    organization = OrganizationFactory()
    client = machine(organization, Role.ADMIN)
    token = Token.objects.get()

    assert client.post(f"{V1}/tokens/{token.pk}/revoke", "{}", **JSON).status_code == 200
    assert client.get(f"{V1}/me").status_code == 401


def test_finance_books_pays_by_a_banks_file_and_takes_its_results():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    review = quality.review(handed_in(campaign, worker_of(campaign)))
    quality.decide(review, verdict="approve")
    payments.owe(review.assignment)
    client = machine(campaign.organization, Role.FINANCE)

    def post(path: str, **body) -> dict:
        answer = client.post(f"{V1}/{path}", body, **JSON)
        assert answer.status_code < 300, answer.content
        return answer.json()

    batch = post("payout-batches", currency="USD")
    post(f"payout-batches/{batch['id']}/approve")
    begun = post(f"payout-batches/{batch['id']}/send", format="csv")
    file = client.get(f"{V1}/payout-batches/{batch['id']}/file?format=csv").getvalue().decode()
    taken = post(f"payout-batches/{batch['id']}/results", results=[{"payout": of(file), "receipt": "R1"}])

    assert begun == {"begun": 1}
    assert taken == {"sent": 1, "failed": 0, "returned": 0, "known": 0}
    assert client.get(f"{V1}/payouts").json()["results"][0]["receipt"] == "R1"


def of(file: str) -> str:
    """Return the reference of the one payout in a bank's plain file."""
    head, row = (line.split(",") for line in file.strip().splitlines())
    return dict(zip(head, row, strict=True))["payout"]


def test_finance_undoes_what_was_booked_by_mistake_and_sees_the_month():
    organization = OrganizationFactory()
    client = machine(organization, Role.FINANCE)
    client.post(f"{V1}/deposits", {"amount": 500, "currency": "USD", "reference": "bank 1"}, **JSON)
    entry = client.get(f"{V1}/entries").json()["results"][0]

    undone = client.post(f"{V1}/entries/{entry['id']}/correct", {"reason": "twice"}, **JSON)
    short = client.post(f"{V1}/fees", {"amount": 1, "currency": "USD", "reference": "fee 1"}, **JSON)
    accounts = client.get(f"{V1}/accounts?kind=funds").json()["results"]
    early = client.post(f"{V1}/closings", {"month": "2999-01"}, **JSON)

    assert (undone.status_code, short.status_code, early.status_code) == (201, 409, 409)
    assert [account["balance"] for account in accounts] == [0]
    assert "not over" in early.json()["detail"]


def test_an_expert_judges_blind_and_then_sees_the_label():
    campaign = running(items=12, page_size=12, redundancy=1)
    work_through(campaign)
    quality.combine(campaign)
    client = machine(campaign.organization, Role.REVIEWER)

    audit = client.post(f"{V1}/campaigns/{campaign.pk}/audits", {"size": 10}, **JSON).json()
    blind = client.get(f"{V1}/audits/{audit['id']}/labels").json()["results"][0]
    early = client.post(f"{V1}/audited/{blind['id']}/adjudicate", {"right": True}, **JSON)
    judged = client.post(f"{V1}/audited/{blind['id']}/judge", {"answer": "dog"}, **JSON).json()

    assert (blind["answer"], blind["confidence"], early.status_code) == (None, None, 409)
    assert judged["right"] is False
    assert judged["answer"] == AuditedTask.objects.get(pk=blind["id"]).answer
    assert client.get(f"{V1}/audits/{audit['id']}").json()["judged"] == 1


def test_what_can_not_be_is_said_by_field():
    client = machine(OrganizationFactory(), Role.ADMIN)

    told = client.post(f"{V1}/tokens", {"name": "x", "scopes": ["fly"], "days": 0}, **JSON)

    assert told.status_code == 422
    assert {error["field"].partition(".")[0] for error in told.json()["errors"]} == {"scopes", "days"}


def test_a_deposit_shows_in_the_books_and_an_entry_of_anothers_is_not_there():
    theirs = OrganizationFactory()
    ledger.deposit(theirs, amount=5, currency="USD", reference="bank 9")
    client = machine(OrganizationFactory(), Role.FINANCE)

    assert client.get(f"{V1}/entries").json()["results"] == []
    assert client.get(f"{V1}/budgets").json()["results"] == []
