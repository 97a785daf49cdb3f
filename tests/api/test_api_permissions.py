"""P13, P14: who may do what at which address of the API, and that nobody reaches another organization's rows."""

import itertools
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from machine import JSON, bearer, machine
from rooms import address, methods, rooms, routes

from apps.api.permissions import OPEN, TABLE
from apps.console import permissions as console
from apps.members.models import Role, Scope
from tests.factories import OrganizationFactory, UserFactory
from tests.running import worker_of

pytestmark = pytest.mark.django_db

# Who may, as the product promises it: written down here a second time, in words of its own.
SEEN_BY_LABELLERS = {
    "datasets", "dataset", "items", "item", "campaigns", "campaign", "campaign_file", "campaign_progress", "guidelines",
    "gold", "tasks", "judgments", "consensus", "assignments", "assignment", "reviews", "review", "disputes", "dispute",
    "workers", "worker", "skills", "restrictions", "links", "operations", "operation", "operation_file",
    "campaign_preview",
    "campaign_report", "campaign_label_studio", "one_gold", "contests", "audits", "audit", "audited",
    "rejection_policies",
}  # fmt: skip
SEEN_BY_REQUESTERS = {
    "imports", "import", "bad_rows", "campaign_check", "groups", "group", "qualifications", "qualification", "terms",
    "invitations", "invitation", "pay_policies", "budgets", "budget_alerts",
}  # fmt: skip
SEEN_BY_FINANCE = {
    "balances", "entries", "obligations", "payout_batches", "payout_batch", "payouts", "payout", "operations",
    "operation", "operation_file", "trail", "accounts", "budgets", "budget_alerts", "month", "closings",
    "payout_policies", "payment_sums", "tax_year",
}  # fmt: skip
DONE_BY_REQUESTERS = {
    ("datasets", "POST"), ("dataset", "PATCH"), ("items", "POST"), ("campaigns", "POST"), ("campaign", "PUT"),
    ("campaign_launch", "POST"), ("campaign_pause", "POST"), ("campaign_resume", "POST"), ("campaign_stop", "POST"),
    ("campaign_top_up", "POST"), ("campaign_terms", "POST"), ("task_put_back", "POST"), ("campaign_clone", "POST"),
    ("campaign_exports", "POST"), ("guidelines", "POST"),
    ("gold", "POST"), ("workers", "POST"), ("worker", "PATCH"), ("qualifications", "POST"), ("qualification", "DELETE"),
    ("restrictions", "POST"), ("restriction_lift", "POST"), ("link_clear", "POST"), ("groups", "POST"),
    ("group", "PATCH"), ("group", "DELETE"),
    ("invitations", "POST"), ("invitation_withdraw", "POST"), ("campaign_method", "POST"), ("campaign_audits", "POST"),
    ("from_label_studio", "POST"), ("one_gold", "DELETE"), ("gold_reinstate", "POST"),
    ("task_adjudication", "PUT"), ("task_adjudication", "DELETE"),
}  # fmt: skip
DONE_BY_REVIEWERS = {
    ("review_decide", "POST"), ("dispute_decide", "POST"), ("restrictions", "POST"), ("campaign_exports", "POST"),
    ("campaign_audits", "POST"), ("audited_judge", "POST"), ("audited_adjudicate", "POST"),
    ("task_adjudication", "PUT"), ("task_adjudication", "DELETE"),
}  # fmt: skip
DONE_BY_FINANCE = {
    ("deposits", "POST"), ("bonuses", "POST"), ("adjustments", "POST"), ("payout_batches", "POST"),
    ("payout_batch_approve", "POST"),
    ("payout_batch_cancel", "POST"), ("payout_begin", "POST"), ("payout_confirm", "POST"), ("payout_fail", "POST"),
    ("payout_come_back", "POST"), ("payment_exports", "POST"), ("entry_correct", "POST"), ("refunds", "POST"),
    ("fees", "POST"), ("closings", "POST"), ("payout_batch_send", "POST"), ("payout_batch_file", "GET"),
    ("payout_batch_results", "POST"), ("payout_batch_all_sent", "POST"),
}  # fmt: skip
DONE_BY_WORKERS = {
    ("campaign_assignments", "POST"), ("page", "GET"), ("submit", "POST"), ("change", "POST"),
    ("extend", "POST"), ("give_back", "POST"),
    ("assignment_dispute", "POST"), ("offers", "GET"), ("earnings", "GET"), ("show", "POST"), ("release", "POST"),
    ("outcome", "GET"), ("contest", "POST"), ("own_pages", "GET"), ("account", "GET"), ("account", "PATCH"),
    ("account_data", "GET"), ("account_erasure", "POST"), ("account_erasure", "DELETE"), ("agreements", "GET"),
    ("agreements", "POST"), ("payout_method", "GET"), ("payout_method", "PUT"), ("payout_method", "DELETE"),
}  # fmt: skip
DONE_BY_ADMINS = {
    ("webhooks", "GET"), ("webhooks", "POST"), ("webhook", "GET"), ("webhook", "PATCH"), ("webhook", "DELETE"),
    ("webhook_rotate", "POST"), ("webhook_deliveries", "GET"), ("webhook_delivery", "GET"), ("webhook_replay",
    "POST"),
    ("organization", "GET"), ("organization", "PATCH"), ("memberships", "GET"), ("memberships", "POST"),
    ("membership", "GET"), ("membership", "DELETE"), ("tokens", "GET"), ("tokens", "POST"), ("token", "GET"),
    ("token_revoke", "POST"), ("terms", "POST"), ("pay_policies", "POST"), ("pay_policy", "DELETE"),
    ("rejection_policies", "POST"),
    ("rejection_policy", "DELETE"),
    ("payout_policies", "POST"), ("steps", "GET"), ("step_unpark", "POST"), ("schedules", "GET"),
}  # fmt: skip
EVERYBODY = {("me", "GET")}


def seen(names):
    return {(name, "GET") for name in names}


MAY = {
    "requester": seen(SEEN_BY_LABELLERS | SEEN_BY_REQUESTERS) | DONE_BY_REQUESTERS | EVERYBODY,
    "reviewer": seen(SEEN_BY_LABELLERS) | DONE_BY_REVIEWERS | EVERYBODY,
    "finance": seen(SEEN_BY_FINANCE) | DONE_BY_FINANCE | EVERYBODY,
    "worker": DONE_BY_WORKERS | EVERYBODY,
}
MAY["admin"] = MAY["requester"] | MAY["reviewer"] | MAY["finance"] | DONE_BY_ADMINS
CALLS = {(name, method) for name, pattern in routes().items() for method in methods(pattern) if name not in OPEN}


def tried(client, pattern, method, found):
    """Return the status of a call that is undone afterwards."""
    with transaction.atomic():
        answer = client.generic(method, address(pattern, found), "{}", **JSON)
        transaction.set_rollback(True)
    return answer.status_code


def test_every_address_has_a_row_in_the_table_and_no_row_is_of_none():
    assert {(name, method) for name, rules in TABLE.items() for method in rules} == CALLS


def test_what_is_promised_here_is_of_addresses_that_there_are():
    assert set(itertools.chain(*MAY.values())) == CALLS


@pytest.mark.parametrize("role", ["requester", "reviewer", "finance", "admin", "worker"])
def test_a_caller_may_do_what_is_promised_and_nothing_else(role):
    house, found = rooms()
    if role == "worker":
        client = bearer(house.organization, Scope.WORK, worker=worker_of(house.campaign).pk)
    else:
        # Every scope but the worker's: what a member works as a worker is the worker's.
        client = machine(house.organization, Role(role), scopes=[Scope.READ, Scope.WRITE, Scope.MONEY])

    statuses = {(name, method): tried(client, routes()[name], method, found) for name, method in CALLS}

    assert {call for call, status in statuses.items() if status not in (401, 403)} == MAY[role]
    assert not [call for call, status in statuses.items() if status >= 500 or status == 405]


def test_without_a_token_or_with_one_of_somebody_dismissed_nothing_is_done_but_asking_who_one_is():
    house, found = rooms()
    dismissed = bearer(house.organization, user=UserFactory())

    for name, method in CALLS - EVERYBODY:
        assert tried(Client(), routes()[name], method, found) == 401, (name, method)
        if (name, method) not in DONE_BY_WORKERS:
            assert tried(dismissed, routes()[name], method, found) == 403, (name, method)
        elif (name, method) not in seen({"offers", "earnings", "own_pages"}):  # lists of nothing
            assert tried(dismissed, routes()[name], method, found) in (400, 404, 422), (name, method)


def test_who_is_refused_is_told_what_it_needs():
    client = machine(OrganizationFactory(), Role.FINANCE)

    told = client.post("/api/v1/datasets", {"name": "x"}, **JSON).json()

    assert told["detail"] == "this needs a token with the scope write, of somebody with the role admin or requester"


@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_only_what_its_scopes_say(scope):
    house, found = rooms()
    client = machine(house.organization, Role.ADMIN, scopes=[scope])

    open_to = {call for call in CALLS if tried(client, routes()[call[0]], call[1], found) not in (401, 403)}

    files = {("campaign_exports", "POST"), ("payment_exports", "POST")}
    money = DONE_BY_FINANCE - files  # a bank's file says in clear where people are paid: who reads it pays
    reads = {call for call in MAY["admin"] if call[1] == "GET"} - money | files
    assert (
        open_to
        == EVERYBODY
        | {
            Scope.READ: reads,
            Scope.WRITE: MAY["admin"] - reads - money,
            Scope.MONEY: money,
            Scope.WORK: DONE_BY_WORKERS,
        }[scope]
    )


def test_no_address_of_another_organizations_rows_answers_to_an_admin_or_a_worker():
    _, theirs = rooms()
    organization = OrganizationFactory()
    admin = machine(organization, Role.ADMIN, scopes=[Scope.READ, Scope.WRITE, Scope.MONEY])
    mine, _ = rooms()
    worker = bearer(mine.organization, Scope.WORK, worker=worker_of(mine.campaign).pk)

    for name, method in CALLS:
        if not routes()[name].pattern.converters or (name, method) in OF_NOBODY:
            continue
        client = worker if (name, method) in DONE_BY_WORKERS else admin
        body = BODIES.get((name, method), "{}")
        with transaction.atomic():
            answer = client.generic(method, address(routes()[name], theirs), body, **JSON)
            transaction.set_rollback(True)

        assert answer.status_code == 404, f"{method} {name}: {answer.status_code} {answer.content!r}"


# What is right in itself, so that only whose row it is can be wrong.
BODIES = {
    ("items", "POST"): '{"items": [{"text": "x"}]}',
    ("campaign_top_up", "POST"): '{"amount": "1", "reference": "x"}',
    ("campaign_clone", "POST"): '{"name": "x"}',
    ("campaign_exports", "POST"): '{"format": "csv"}',
    ("guidelines", "POST"): '{"text": "x"}',
    ("gold", "POST"): '{"rows": [{"item": "x", "answers": ["cat"]}]}',
    ("change", "POST"): '{"answers": {}}',
    ("campaign_terms", "POST"): '{"redundancy": 2, "price": "0.1"}',
    ("submit", "POST"): '{"answers": {}}',
    ("assignment_dispute", "POST"): '{"text": "x"}',
    ("review_decide", "POST"): '{"verdict": "approve"}',
    ("dispute_decide", "POST"): '{"outcome": "upheld", "reason": "x"}',
    ("payout_confirm", "POST"): '{"receipt": "x"}',
    ("payout_fail", "POST"): '{"problem": "x"}',
    ("payout_come_back", "POST"): '{"problem": "x"}',
    ("campaign_method", "POST"): '{"method": "majority"}',
    ("campaign_audits", "POST"): '{"size": 10}',
    ("audited_judge", "POST"): '{"answer": "cat"}',
    ("audited_adjudicate", "POST"): '{"right": true}',
    ("task_adjudication", "PUT"): '{"answer": "cat"}',
    ("contest", "POST"): '{"gold": 1, "text": "x"}',
    ("group", "PATCH"): '{"name": "x"}',
    ("entry_correct", "POST"): '{"reason": "x"}',
    ("link_clear", "POST"): '{"reason": "x"}',
    ("payout_batch_send", "POST"): '{"format": "csv"}',
    ("payout_batch_results", "POST"): '{"results": [{"payout": "x", "receipt": "x"}]}',
    ("payout_batch_all_sent", "POST"): '{"receipt": "x"}',
}
# What is asked for by a month or a year is one's own, whatever others have.
OF_NOBODY = {("month", "GET"), ("tax_year", "GET")}


def test_another_organizations_ids_in_a_body_are_not_there():
    _, theirs = rooms()
    mine, own = rooms()
    requester = machine(mine.organization, Role.REQUESTER)
    finance = machine(mine.organization, Role.FINANCE)
    worker, theirs_worker = str(own["worker_id"]), str(theirs["worker_id"])

    said = [
        requester.post("/api/v1/qualifications", {"worker": theirs_worker, "name": "x"}, **JSON),
        requester.post("/api/v1/restrictions", {"worker": theirs_worker, "reason": "x"}, **JSON),
        requester.post(
            "/api/v1/restrictions", {"worker": worker, "reason": "x", "campaign": str(theirs["campaign_id"])}, **JSON
        ),
        finance.post(
            "/api/v1/bonuses",
            {"worker": theirs_worker, "amount": 1, "currency": "USD", "reference": "x", "reason": "x"},
            **JSON,
        ),
    ]

    assert [answer.status_code for answer in said] == [404, 404, 404, 404]


def test_lists_hold_only_rows_of_ones_own_organization():
    mine, own = rooms()
    theirs, other = rooms()
    admin = machine(mine.organization, Role.ADMIN)
    foreign = {str(pk) for pk in other.values() if isinstance(pk, UUID)} | {str(theirs.organization.pk)}

    for name, method in CALLS:
        if method == "GET" and name not in {"page", "operation_file"}:
            answer = admin.get(address(routes()[name], own))
            text = answer.getvalue().decode()

            assert not [pk for pk in foreign if pk in text], name


# What a route writes or reads, as the admin's table has it: the API gives no role more than the admin does.
MODELS = {
    "datasets": "datasets.Dataset", "dataset": "datasets.Dataset", "items": "datasets.Item", "item": "datasets.Item",
    "imports": "datasets.Import", "import": "datasets.Import", "bad_rows": "datasets.BadRow",
    "campaigns": "campaigns.Campaign", "campaign": "campaigns.Campaign", "guidelines": "campaigns.Guidelines",
    "gold": "campaigns.GoldQuestion", "reviews": "quality.Review", "workers": "workforce.Worker",
    "groups": "workforce.Group", "skills": "workforce.Skill", "qualifications": "workforce.Qualification",
    "restrictions": "workforce.Restriction", "links": "workforce.Link",
    "entries": "ledger.Entry", "obligations": "payments.Obligation",
    "payout_batches": "payments.PayoutBatch", "payouts": "payments.Payout",
}  # fmt: skip


def test_the_api_shows_a_role_what_the_admin_shows_it():
    for name, label in MODELS.items():
        for role in (Role.REQUESTER, Role.REVIEWER, Role.FINANCE):
            by_admin = "v" in console.TABLE[label].letters([role])

            assert (role in TABLE[name]["GET"].roles) == by_admin, (name, role)
