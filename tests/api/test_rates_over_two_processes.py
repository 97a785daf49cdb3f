"""S9: a rate limit holds over two web processes; who asks too often is told when to come again."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connection
from machine import V1, bearer

from apps.core import rates
from apps.members.models import Scope
from tests.factories import OrganizationFactory, UserFactory

BURST, RATE, ASKED = 20, 2, 80


@pytest.fixture
def two_processes(transactional_db):
    """Serve the tests' database with two processes of gunicorn, and a small limit for each account."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = [sys.executable, "-m", "gunicorn", "labelcrowd.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
               "--worker-class", "gthread", "--threads", "2", "--log-level", "error"]  # fmt: skip
    environment = {**os.environ, "DATABASE_URL": address, "LABELCROWD_RATE_ACCOUNT": f"{RATE},{BURST}"}
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _wait(url):
    for _ in range(600):
        try:
            httpx.get(f"{url}{V1}/me")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start within a minute")


def test_a_limit_holds_over_two_web_processes(two_processes):
    header = bearer(OrganizationFactory(), Scope.READ, user=UserFactory()).defaults["HTTP_AUTHORIZATION"]

    def ask(_):
        return httpx.get(f"{two_processes}{V1}/me", headers={"Authorization": header}, timeout=30)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(ask, range(ASKED)))
    most = BURST + RATE * (time.monotonic() - began) + 1

    let_in = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(let_in) + len(refused) == ASKED
    assert BURST <= len(let_in) <= most
    assert refused
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert refused[0].headers["Content-Type"] == "application/problem+json"
    assert "LABELCROWD_RATE_ACCOUNT" in refused[0].json()["detail"]


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
