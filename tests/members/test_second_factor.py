"""A second factor for those who decide about campaigns and money, and only this machine where that is waived."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def _required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("address", ["/", "/admin/", "/work/", "/admin/campaigns/campaign/", "/nowhere"])
def test_staff_without_a_second_factor_are_sent_to_set_one_up(address):
    client = client_of(member(OrganizationFactory()))

    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")


@pytest.mark.usefixtures("_required")
def test_a_post_without_a_second_factor_does_nothing_either():
    client = client_of(member(OrganizationFactory()))

    assert client.post("/admin/campaigns/campaign/add/", {"name": "x"})["Location"] == "/accounts/2fa/"


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("address", ["/accounts/2fa/", "/accounts/logout/", "/accounts/2fa/totp/activate/"])
def test_where_a_second_factor_is_set_up_staff_without_one_may_go(address):
    client = client_of(member(OrganizationFactory()))

    assert client.get(address).headers.get("Location", "") != "/accounts/2fa/"


@pytest.mark.usefixtures("_required")
def test_staff_with_a_second_factor_go_where_they_like():
    user = member(OrganizationFactory())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    assert client_of(user).get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_recovery_codes_alone_are_no_second_factor():
    user = member(OrganizationFactory())
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x", "used_mask": 0})

    assert client_of(user).get("/admin/")["Location"] == "/accounts/2fa/"


@pytest.mark.usefixtures("_required")
def test_workers_need_none():
    worker = WorkerFactory(user=UserFactory())

    assert client_of(worker.user).get("/work/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_strangers_are_asked_to_log_in_first():
    assert Client().get("/work/")["Location"].startswith("/accounts/login/")


def test_on_loopback_staff_need_none():
    assert client_of(member(OrganizationFactory())).get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "caller",
    [
        {"HTTP_HOST": "labels.example.org"},
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "127.0.0.1"},
        {"REMOTE_ADDR": "2001:db8::7", "HTTP_HOST": "localhost"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_HOST": "labels.example.org"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
    ],
)
@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/"])
def test_while_the_second_factor_is_waived_nobody_from_elsewhere_comes_in(caller, address):
    answer = Client(raise_request_exception=False).get(address, **caller)

    assert answer.status_code in {400, 403}


def test_who_is_kept_out_is_told_what_to_set():
    answer = Client().get("/", REMOTE_ADDR="192.0.2.7")

    assert b"set it to false, and LABELCROWD_HOSTS to the site's names" in answer.content


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_comes_in_by_any_of_its_own_addresses(address):
    assert Client().get("/accounts/login/", REMOTE_ADDR=address).status_code == 200


def test_a_site_that_serves_the_world_takes_forwarded_requests(settings):
    settings.LOOPBACK = False

    assert Client().get("/accounts/login/", HTTP_X_FORWARDED_FOR="192.0.2.7").status_code == 200
