"""S9: a rate limit holds over two web processes; who asks too often is told when to come again."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from machine import JSON, V1, bearer
from served import served

from apps.core import rates
from apps.members.models import Scope
from tests.factories import OrganizationFactory, UserFactory
from tests.running import running, worker_of

BURST, RATE, ASKED = 20, 2, 80
FAILED_LOG_INS = 5  # allauth's own limit for an account, within five minutes
PASSWORD = "correct horse battery"


@pytest.fixture
def two_processes(transactional_db):
    """Serve the tests' database with two processes and a small limit for each account."""
    with served({"LABELCROWD_RATE_ACCOUNT": f"{RATE},{BURST}"}, processes=2) as urls:
        yield urls


def test_s9_limits_of_calls_and_of_log_ins_hold_over_two_web_processes(two_processes):
    header = bearer(OrganizationFactory(), Scope.READ, user=UserFactory()).defaults["HTTP_AUTHORIZATION"]
    victim, other = (_with_password(UserFactory()) for _ in range(2))

    def ask(n):
        return httpx.get(f"{two_processes[n % 2]}{V1}/me", headers={"Authorization": header}, timeout=30)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(ask, range(ASKED)))
    most = BURST + RATE * (time.monotonic() - began) + 1
    for n in range(FAILED_LOG_INS):
        assert not _logged_in(two_processes[n % 2], victim, "a guess")

    _check_calls(answers, most)
    assert [_logged_in(url, victim, PASSWORD) for url in two_processes] == [False, False]
    assert _logged_in(two_processes[0], other, PASSWORD)


def _check_calls(answers, most):
    let_in = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(let_in) + len(refused) == ASKED
    assert BURST <= len(let_in) <= most
    assert refused
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert refused[0].headers["Content-Type"] == "application/problem+json"
    assert "LABELCROWD_RATE_ACCOUNT" in refused[0].json()["detail"]


def _with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def _logged_in(url, user, password):
    """Try to log in as a browser does; return whether one is."""
    with httpx.Client(base_url=url, timeout=30) as browser:
        browser.get("/accounts/login/")
        form = {"login": user.email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        browser.post("/accounts/login/", data=form)
        return "sessionid" in browser.cookies


@pytest.mark.django_db
def test_s9_what_strangers_try_washes_out_nobodys_count_of_failed_log_ins(client):
    user, other = (_with_password(UserFactory()) for _ in range(2))
    path = reverse("account_login")
    for number in range(FAILED_LOG_INS):  # a Host header may name any port
        at = {"REMOTE_ADDR": "127.0.0.8", "HTTP_HOST": f"testserver:{number + 1}"}
        client.post(path, {"login": user.email, "password": "a guess"}, **at)

    with connection.cursor() as cursor:  # sorted behind all others: those before are what Django would throw away
        cursor.execute(
            "INSERT INTO cache SELECT ':1:~' || n, 'x', now() + interval '1 day' FROM generate_series(1, 2000) AS n"
        )
    client.post(path, {"login": "stranger@example.org", "password": "a guess"}, REMOTE_ADDR="127.0.0.9")
    client.post(path, {"login": user.email, "password": PASSWORD}, REMOTE_ADDR="127.0.0.9")

    assert "_auth_user_id" not in client.session
    client.post(path, {"login": other.email, "password": PASSWORD}, REMOTE_ADDR="127.0.0.9")
    assert client.session["_auth_user_id"] == str(other.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["account", "address"])
def test_an_account_and_an_address_have_limits_of_their_own(what, settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {what: [0.01, 2]}
    client = bearer(OrganizationFactory(), Scope.READ, user=UserFactory())

    statuses = [client.get(f"{V1}/me", REMOTE_ADDR="127.0.0.7").status_code for _ in range(4)]

    assert statuses == [200, 200, 429, 429]


@pytest.mark.django_db
def test_a_campaigns_workers_together_have_a_limit(settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"campaign": [0.01, 2]}
    organization = OrganizationFactory()
    clients = [bearer(organization, Scope.WORK, user=UserFactory()) for _ in range(3)]
    path = f"{V1}/campaigns/{organization.pk}/assignments"

    statuses = [client.post(path, "", content_type="application/json").status_code for client in clients]

    assert statuses == [404, 404, 429]


@pytest.mark.django_db
def test_a_campaigns_workers_have_one_limit_at_both_doors_and_strangers_do_not_use_it_up(settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"campaign": [0.01, 2]}
    campaign = running(items=4)
    by_api = [bearer(campaign.organization, Scope.WORK, worker=worker_of(campaign).pk) for _ in range(2)]
    stranger = bearer(OrganizationFactory(), Scope.WORK, user=UserFactory())
    browser = Client()
    browser.force_login(worker_of(campaign, user=UserFactory()).user)
    path = f"{V1}/campaigns/{campaign.pk}/assignments"

    strange = [stranger.post(path, {}, **JSON).status_code for _ in range(3)]
    leased = [client.post(path, {}, **JSON).status_code for client in by_api]
    page = browser.get(reverse("workbench:campaign", args=[campaign.pk]))

    assert strange == [404, 404, 429]
    assert leased == [200, 200]
    assert page.status_code == 429
