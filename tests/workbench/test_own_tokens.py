"""A worker makes tokens for programs of their own, sees what works as them, and revokes it."""

import re

import pytest
from django.test import Client

from apps.core import clock
from apps.members import services as members
from apps.members.models import Membership, Role, Scope, Token, Trail
from tests.api.machine import Machine
from tests.factories import UserFactory, WorkerFactory, member
from tests.running import running, worker_of
from tests.workbench.at_work import html

pytestmark = pytest.mark.django_db
PAGE = "/work/account/tokens"
PASSWORD = "correct horse battery"


def known(*, confirms: bool = True):
    """Return a worker who gave their password a moment ago, and their browser."""
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    worker_of(running(items=1), user=user)
    client = Client()
    client.force_login(user)
    if confirms:
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user, client


def made(client, **form):
    answer = client.post(f"{PAGE}/new", {"name": "My script", "days": 30, **form})
    return re.findall(r"lc_[\w-]{43}", html(answer)), answer


def test_a_token_of_ones_own_is_shown_once_and_reaches_ones_work_and_account_and_no_more():
    user, client = known()

    (secret,), answer = made(client)

    token = Token.objects.get()
    program = Machine(headers={"authorization": f"Bearer {secret}"})
    assert "no-store" in answer["Cache-Control"]
    assert (token.user, token.made_by, token.scopes) == (user, user, [Scope.WORK])
    own, others = ("offers", "account", "account/payout-method"), ("campaigns", "tokens", "obligations")
    assert {program.get(f"/api/v1/{name}").status_code for name in own} == {200}
    assert {program.get(f"/api/v1/{name}").status_code for name in others} == {403}
    assert secret not in html(client.get(PAGE))
    assert secret[:9] in html(client.get(PAGE))
    assert Trail.objects.get(verb="make token").actor == user


def test_the_password_is_asked_for_again_before_one_is_made():
    _user, client = known(confirms=False)

    answers = [client.get(f"{PAGE}/new"), made(client)[1]]

    assert [answer["Location"].split("?")[0] for answer in answers] == ["/accounts/reauthenticate/"] * 2
    assert not Token.objects.exists()


def test_a_requesters_token_of_the_same_person_does_nothing_but_work():
    user, client = known()
    of = user.workers.get().organization
    Membership.objects.create(organization=of, user=user, role=Role.ADMIN)

    (secret,), _answer = made(client)

    assert Machine(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/tokens").status_code == 403


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "This field is required"),
        ({"days": 367}, "less than or equal to 366"),
        ({"days": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_no_token_is_told(typed, sentence):
    _user, client = known()

    secrets, answer = made(client, **typed)

    assert secrets == []
    assert sentence in html(answer)
    assert answer.status_code == 422


def test_who_works_for_several_says_for_which_and_for_no_other():
    user, client = known()
    second = WorkerFactory(user=user).organization
    other = WorkerFactory().organization

    assert made(client, organization=str(other.pk))[0] == []
    made(client, organization=str(second.pk))

    assert Token.objects.get().organization == second


def test_what_works_as_oneself_is_seen_whoever_made_it_and_revoked():
    user, client = known()
    worker = user.workers.get()
    boss = member(worker.organization, Role.ADMIN)
    token, secret = members.make_token(
        worker.organization, name="theirs", scopes=[Scope.WORK], days=9, worker=worker.pk, by=boss
    )
    members.note_use(token.pk)

    shown = html(client.get(PAGE))
    client.post(f"{PAGE}/{token.pk}/revoke")

    assert "theirs" in shown
    assert "not by you" in shown
    assert "never" not in shown
    assert Machine(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 401
    assert Trail.objects.get(verb="revoke token").actor == user
    assert "Revoked" in html(client.get(PAGE))


def test_anothers_and_a_members_token_are_not_there():
    user, client = known()
    of = user.workers.get().organization
    others, _ = members.make_token(of, name="others", scopes=[Scope.WORK], days=9, user=UserFactory())
    reading, _ = members.make_token(of, name="reading", scopes=[Scope.READ, Scope.WORK], days=9, user=user)

    answers = [client.post(f"{PAGE}/{token.pk}/revoke") for token in (others, reading)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "You have none yet" in html(client.get(PAGE))
    assert not Token.objects.exclude(revoked_at=None).exists()


def test_twenty_let_in_at_a_time():
    user, client = known()
    of = user.workers.get().organization
    for _ in range(20):
        members.make_token(of, name="x", scopes=[Scope.WORK], days=9, user=user, by=user)

    assert "revoke one before you make another" in html(made(client)[1])
    Token.objects.filter(pk=Token.objects.values("pk")[:1]).update(revoked_at=clock.now())

    assert len(made(client)[0]) == 1
