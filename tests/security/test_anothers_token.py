"""S7, P14: a token that somebody made for another works for them in its organization, and is not the person they are.

An organization takes in whom it likes, also somebody who has worked for another for years: what is theirs alone must
not open to it by a token that it makes.
"""

import logging

import pytest
from django.db import transaction

from apps.members import consent
from apps.members import services as members
from apps.members.models import Membership, Role, Scope, Token, Trail
from apps.payments import services as payments
from apps.payments.destinations import bank_account
from apps.payments.models import PayoutMethod
from apps.pipeline import flow
from apps.quality import services as quality
from apps.quality.models import Review
from apps.workforce import erasing
from tests.api.bodies import BODIES
from tests.api.machine import JSON, Machine, bearer
from tests.api.promised import DONE_BY_WORKERS, EVERYBODY, OF_THE_PERSON
from tests.api.rooms import address, methods, rooms, routes
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
IBAN = "DE02120300000000202051"


@pytest.fixture
def victim():
    """A person who works for one organization, and whom another's admin took in."""
    user = UserFactory()
    worker_of(running(items=1), user=user)
    payments.set_own_payout_method(user, method=bank_account(name="Ada", iban=IBAN))
    return user


def made_by(admin, organization, **whose):
    """Return a program with a token that the admin made by the API."""
    mallory = bearer(organization, Scope.WRITE, user=admin)
    made = mallory.post(f"{V1}/tokens", {"name": "x", "days": 9, "scopes": ["work"], **whose}, **JSON)
    assert made.status_code == 201, made.content
    return Machine(headers={"authorization": f"Bearer {made.json()['token']}"})


def takers(victim):
    """Yield each kind of token that an admin of an organization makes for its worker, who is somebody elsewhere."""
    of = OrganizationFactory()
    admin = member(of, Role.ADMIN)
    mallory = bearer(of, Scope.READ, Scope.WRITE, user=admin)
    enrolled = mallory.post(f"{V1}/workers", {"email": victim.email, "name": "x"}, **JSON)
    assert enrolled.status_code == 201, enrolled.content
    yield made_by(admin, of, worker=enrolled.json()["id"])
    yield made_by(admin, of, user=str(victim.pk))


def test_an_admin_of_another_organization_learns_and_changes_nothing_of_the_person(victim):
    before = PayoutMethod.objects.values_list("worker", "sealed").order_by("pk")
    kept = list(before)

    for taker in takers(victim):
        answers = [
            taker.put(f"{V1}/account/payout-method", {"method": "paypal", "address": "m@evil.example"}, **JSON),
            taker.delete(f"{V1}/account/payout-method"),
            taker.get(f"{V1}/account/payout-method"),
            taker.get(f"{V1}/account/data"),
            taker.get(f"{V1}/account"),
            taker.get(f"{V1}/account/agreements"),
            taker.post(f"{V1}/account/erasure", {}, **JSON),
        ]
        assert [answer.status_code for answer in answers] == [403] * len(answers)
        assert "made by the person" in answers[0].json()["detail"]

    victim.refresh_from_db()
    assert victim.erasure_asked_at is None
    assert list(before) == kept


@pytest.mark.parametrize("whose", ["worker", "user"])
def test_at_every_address_anothers_token_works_and_is_nowhere_the_person(whose, caplog):
    caplog.set_level(logging.ERROR)  # each refusal would be a line
    house, rows = rooms()
    worker = WorkerFactory(organization=house.organization, user=UserFactory())
    consent.agree(worker.user, terms=house.rows["members.Terms"])
    of = {"worker": str(worker.pk), "user": str(worker.user_id)}[whose]
    foreign = made_by(member(house.organization, Role.ADMIN), house.organization, **{whose: of})
    opened = set()

    for name, pattern in routes().items():
        for method in methods(pattern):
            with transaction.atomic():
                body = BODIES.get((name, method), "{}")
                status = foreign.generic(method, address(pattern, rows), body, **JSON).status_code
                transaction.set_rollback(True)
            if status != 403:
                opened.add((name, method))

    assert opened - {("schema", "GET"), ("docs", "GET")} == (DONE_BY_WORKERS - OF_THE_PERSON) | EVERYBODY


def test_a_token_of_ones_own_reaches_ones_account(victim):
    of = victim.workers.get().organization
    Membership.objects.create(organization=of, user=victim, role=Role.ADMIN)

    own, by_the_operator = made_by(victim, of, user=str(victim.pk)), bearer(of, Scope.WORK, user=victim)

    for program in (own, by_the_operator):
        assert program.get(f"{V1}/account/payout-method").json()["results"][0]["shown"] == "DE•• •••• 2051"


def test_what_is_done_by_anothers_token_says_in_the_trail_who_made_it():
    campaign = running(items=1, page_size=1)
    worker = worker_of(campaign, user=UserFactory())
    admin = member(campaign.organization, Role.ADMIN)
    page = handed_in(campaign, worker)
    flow.decide(quality.review(page), verdict=Review.Verdict.REJECT, reason="wrong", by=admin)
    foreign = made_by(admin, campaign.organization, worker=str(worker.pk))

    answer = foreign.post(f"{V1}/assignments/{page.pk}/dispute", {"text": "I was right."}, **JSON)

    assert answer.status_code == 201, answer.content
    line, token = Trail.objects.get(verb="dispute"), Token.objects.get(worker=worker.pk)
    assert line.data == {"token": str(token.pk), "token_made_by": str(admin.pk)}
    bearer(campaign.organization, user=admin).patch(f"{V1}/organization", {"name": "Acme"}, **JSON)
    assert "token" not in Trail.objects.get(verb="describe organization").data


def test_anothers_token_lets_nobody_in_once_its_maker_is_no_admin_there():
    campaign = running(items=1)
    admin = member(campaign.organization, Role.ADMIN)
    foreign = made_by(admin, campaign.organization, worker=str(worker_of(campaign).pk))
    assert foreign.get(f"{V1}/me").status_code == 200

    members.dismiss(Membership.objects.get(user=admin), by=member(campaign.organization, Role.ADMIN))

    assert foreign.get(f"{V1}/me").status_code == 401


def test_no_token_of_a_worker_outlives_their_erasure():
    campaign = running(items=1)
    worker = worker_of(campaign, user=UserFactory())
    program = bearer(campaign.organization, Scope.WORK, worker=worker.pk)

    erasing.erase(worker)

    assert program.get(f"{V1}/me").status_code == 401
