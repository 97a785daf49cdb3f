"""P13, P14: who may do what at which address of the API, and that nobody reaches another organization's rows.

That each call asks the table, with real rows of one's own and of others: tests/security/test_permission_matrix.py.
"""

import itertools
import logging
import re
from contextlib import nullcontext
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from machine import JSON, bearer, machine
from rooms import address, methods, rooms, routes

from apps.api.callers import Caller
from apps.api.permissions import OPEN, TABLE
from apps.console import permissions as console
from apps.members.models import Role, Scope
from apps.members.queries import Bearer
from tests.api.bodies import BODIES
from tests.api.promised import DONE_BY_FINANCE, DONE_BY_WORKERS, EVERYBODY, MAY, PAID_BY_SCRIPT
from tests.factories import OrganizationFactory, UserFactory
from tests.running import running, worker_of
from tests.security.walking import undone

pytestmark = pytest.mark.django_db

CALLS = {(name, method) for name, pattern in routes().items() for method in methods(pattern) if name not in OPEN}


# One call for each rule that the table has.
ONE_OF_EACH = {rule: (name, method) for name, rules in TABLE.items() for method, rule in rules.items()}
NOWHERE = {"uuid": "00000000-0000-7000-8000-000000000000", "int64": "1", "str": "2026-01", "key_id": "A" * 20}


def open_to(*roles, scopes):
    """Return the calls that the table lets a token with these roles and scopes make."""
    caller = Caller(Bearer(uuid4(), uuid4(), uuid4(), None, frozenset(scopes), frozenset(roles), None))
    return {call for call in CALLS if TABLE[call[0]][call[1]].lets(caller)}


def asked(client, name, method):
    """Return the status of a call about rows that are not there."""
    path = re.sub(r"<(\w+):\w+>", lambda found: NOWHERE[found[1]], str(routes()[name].pattern))
    return client.generic(method, f"/api/v1/{path}", "{}", **JSON).status_code


def test_every_address_has_a_row_in_the_table_and_no_row_is_of_none():
    assert {(name, method) for name, rules in TABLE.items() for method in rules} == CALLS


def test_what_is_promised_here_is_of_addresses_that_there_are():
    assert set(itertools.chain(*MAY.values())) == CALLS


@pytest.mark.parametrize("role", Role)
def test_the_table_lets_a_role_do_what_is_promised_and_nothing_else(role):
    # Every scope but the worker's: what a member works as a worker is the worker's.
    assert open_to(role, scopes={Scope.READ, Scope.WRITE, Scope.MONEY}) == MAY[role]


def test_by_each_rule_who_was_dismissed_or_has_no_token_is_refused():
    of = OrganizationFactory()
    dismissed = bearer(of, user=UserFactory())

    for rule, call in ONE_OF_EACH.items():
        assert asked(Client(), *call) == 401, call
        if rule.roles:
            assert asked(dismissed, *call) == 403, call
    assert len(ONE_OF_EACH) > 10


def test_at_every_address_a_token_gets_in_by_the_scopes_that_the_table_says_and_by_no_other(caplog):
    """By somebody who has every role, and for the worker's scope by a worker: so it is the scope that decides."""
    caplog.set_level(logging.ERROR)  # each refusal would be a line
    campaign = running(items=1)
    of = campaign.organization
    holders = {scope: machine(of, Role.ADMIN, scopes=[scope]) for scope in Scope if scope != Scope.WORK}
    holders[Scope.WORK] = bearer(of, Scope.WORK, worker=worker_of(campaign).pk)
    wrong = []

    for name, method in sorted(CALLS):
        rule = TABLE[name][method]
        opens = frozenset() if rule.besides else rule.scopes  # none by itself, where it takes two
        for scope, holder in holders.items():
            with undone() if scope in opens else nullcontext():  # an account may be erased
                status = asked(holder, name, method)
            if status >= 500 or (status == 403) != (scope not in opens):
                wrong.append((name, method, scope, status))

    assert wrong == []


def test_who_is_refused_is_told_what_it_needs():
    client = machine(OrganizationFactory(), Role.FINANCE)

    told = client.post("/api/v1/datasets", {"name": "x"}, **JSON).json()

    assert told["detail"] == "this needs a token with the scope write, of somebody with the role admin or requester"


@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_only_what_its_scopes_say(scope):
    files = {("campaign_exports", "POST"), ("payment_exports", "POST")}
    money = DONE_BY_FINANCE - files  # a bank's file says in clear where people are paid: who reads it pays
    reads = {call for call in MAY["admin"] if call[1] == "GET"} - money | files
    of_scope = {
        Scope.READ: reads,
        Scope.WRITE: MAY["admin"] - reads - money - PAID_BY_SCRIPT,  # which takes both
        Scope.MONEY: money,
        Scope.WORK: DONE_BY_WORKERS,
    }

    assert open_to(Role.ADMIN, scopes={scope}) == EVERYBODY | of_scope[scope]


def test_no_address_of_another_organizations_rows_answers_to_a_worker():
    """Members': tests/security/test_permission_matrix.py."""
    _, theirs = rooms()
    mine, _ = rooms()
    worker = bearer(mine.organization, Scope.WORK, worker=worker_of(mine.campaign).pk)

    for name, method in DONE_BY_WORKERS:
        if routes()[name].pattern.converters:
            body = BODIES.get((name, method), "{}")
            with transaction.atomic():
                answer = worker.generic(method, address(routes()[name], theirs), body, **JSON)
                transaction.set_rollback(True)

            assert answer.status_code == 404, f"{method} {name}: {answer.status_code} {answer.content!r}"


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
        if method == "GET" and name != "page":
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
    "publications": "channels.Publication", "claims": "channels.Claim", "reconciliations": "channels.Reconciliation",
}  # fmt: skip


def test_the_api_shows_a_role_what_the_admin_shows_it():
    for name, label in MODELS.items():
        for role in (Role.REQUESTER, Role.REVIEWER, Role.FINANCE):
            by_admin = "v" in console.TABLE[label].letters([role])

            assert (role in TABLE[name]["GET"].roles) == by_admin, (name, role)
