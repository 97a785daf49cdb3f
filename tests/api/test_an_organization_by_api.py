"""An organization's own by the API: its members and tokens, its books, its audits, and paying by a bank's file."""

import pytest
from django.test import Client
from machine import JSON, V1, machine

from apps.core import rates
from apps.ledger import services as ledger
from apps.members import consent
from apps.members.models import KeptAnswer, Membership, Role, Token, Trail, User
from apps.payments import services as payments
from apps.quality import services as quality
from apps.quality.models import AuditedTask, RejectionPolicy
from apps.workforce.models import Worker
from tests.factories import OrganizationFactory, UserFactory, member
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


def test_s10_an_access_key_is_shown_once_acts_as_its_maker_and_ends_when_it_is_revoked():
    organization, user = OrganizationFactory(), UserFactory()
    client = machine(organization, Role.REQUESTER, user=user)
    key = {"headers": {"idempotency-key": "once"}}

    first, again = (client.post(f"{V1}/access-keys", {"note": "a script"}, **JSON, **key) for _ in range(2))
    listed = client.get(f"{V1}/access-keys").json()["results"]
    revoked = client.post(f"{V1}/access-keys/{first.json()['id']}/revoke", {}, **JSON)

    assert first.json() == again.json()
    assert first.json()["secret"] not in KeptAnswer.objects.get().body
    assert [(row["id"], row["user"], row["note"]) for row in listed] == [(first.json()["id"], str(user.pk), "a script")]
    assert "secret" not in listed[0]
    assert revoked.json()["revoked_at"]
    assert [line.verb for line in Trail.objects.filter(actor=user).order_by("pk")] == ["make key", "revoke key"]


@pytest.mark.parametrize("scope", ["write", "money"])
def test_s10_a_token_that_does_not_both_write_and_pay_makes_no_access_key(scope):
    client = machine(OrganizationFactory(), Role.REQUESTER, scopes=["read", scope])

    refused = client.post(f"{V1}/access-keys", {}, **JSON)

    assert refused.status_code == 403
    assert "the scope money and write" in refused.json()["detail"]


def test_a_worker_is_taken_in_with_a_log_in_whose_password_is_shown_once():
    organization = OrganizationFactory()
    client = machine(organization, Role.REQUESTER)
    key = {"headers": {"idempotency-key": "once"}}

    made = client.post(f"{V1}/workers", {"email": "W@example.org", "groups": ["new"]}, **JSON, **key).json()
    again = client.post(f"{V1}/workers", {"email": "w@example.org"}, **JSON)
    other = client.post(f"{V1}/workers", {"external_id": "A1"}, **JSON).json()
    taken = client.post(f"{V1}/workers", {"external_id": "A1", "email": "x@example.org"}, **JSON)
    neither = client.post(f"{V1}/workers", {"name": "W"}, **JSON)

    worker = Worker.objects.get(pk=made["id"])
    assert worker.user.check_password(made["password"])
    assert (worker.user.email, worker.external_id.startswith("p-")) == ("w@example.org", True)
    assert made["password"] not in KeptAnswer.objects.get().body
    assert (again.json()["id"], again.json()["password"], other["password"]) == (made["id"], "", "")
    assert (taken.status_code, neither.status_code) == (409, 422)
    assert not User.objects.filter(email="x@example.org").exists()


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


def test_s9_an_organization_asks_of_no_list_of_addresses_who_has_an_account_here(settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"enrolment": [0.01, 2]}
    known = UserFactory()
    client = machine(OrganizationFactory(), Role.ADMIN)
    key = {"headers": {"idempotency-key": "once"}}

    answers = [
        client.post(f"{V1}/memberships", {"email": email, "role": "finance"}, **JSON)
        for email in (known.email, "new@example.org")
    ]
    refused, again = (
        client.post(f"{V1}/memberships", {"email": "x@example.org", "role": "finance"}, **JSON, **key) for _ in range(2)
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (refused.status_code, int(refused["Retry-After"]) >= 1) == (429, True)
    assert "Idempotency-Replayed" not in again


def test_who_invites_gets_the_link_once_for_whom_no_mail_reaches():
    organization = OrganizationFactory()
    consent.publish(organization, text="Be fair.")
    client = machine(organization, Role.REQUESTER)

    invited = client.post(f"{V1}/invitations", {"email": "new@example.org"}, **JSON).json()
    shown = client.get(f"{V1}/invitations/{invited['id']}").json()

    assert Client().get(invited["link"]).status_code == 200
    assert "link" not in shown


def test_a_rejection_that_waits_for_a_second_person_is_seen_and_taken_back():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    RejectionPolicy.objects.create(organization=campaign.organization, currency="USD", second_person_from=1)
    review = quality.review(handed_in(campaign, worker_of(campaign)))
    client = machine(campaign.organization, Role.REVIEWER)
    at = f"{V1}/reviews/{review.pk}"

    asked = client.post(f"{at}/decide", {"verdict": "reject", "reason": "no cat"}, **JSON).json()
    taken = client.post(f"{at}/take-back", {}, **JSON).json()
    again = client.post(f"{at}/take-back", {}, **JSON)

    assert (asked["asked"], asked["verdict"], taken["asked"]) == ("reject", "", "")
    assert again.status_code == 409


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


def test_s7_an_admin_makes_no_token_that_decides_as_another_member():
    organization = OrganizationFactory()
    client = machine(organization, Role.ADMIN)
    other = member(organization, email="other@example.org")
    asked = {"name": "a robot", "days": 7, "user": str(other.pk)}

    refused = [client.post(f"{V1}/tokens", asked | {"scopes": [x]}, **JSON) for x in ("write", "money")]
    reads = client.post(f"{V1}/tokens", asked | {"scopes": ["read"]}, **JSON)

    assert [each.status_code for each in refused] == [422, 422]
    assert "would sign as them" in refused[0].json()["detail"]
    assert reads.status_code == 201
