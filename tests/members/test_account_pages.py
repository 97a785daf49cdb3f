"""The pages of accounts: logging in and out, the second factor, and no sign-up."""

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from apps.members.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
PAGES = [
    "/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/accounts/password/change/",
    "/accounts/password/reset/", "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/email/",
]  # fmt: skip


def person() -> User:
    return User.objects.create_user("wanda@example.org", PASSWORD)


def logged_in() -> Client:
    """Return a client that gave its password twice: once to log in, and again as changing a second factor asks for."""
    person()
    client = Client()
    client.post("/accounts/login/", {"login": "wanda@example.org", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def shown(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def test_logging_in_leads_to_the_start():
    person()

    answer = Client().post("/accounts/login/", {"login": "wanda@example.org", "password": PASSWORD})

    assert answer["Location"] == "/"


def test_a_wrong_password_is_told_beside_the_form_and_the_address_stays():
    person()

    answer = Client().post("/accounts/login/", {"login": "wanda@example.org", "password": "something else"})

    assert "are not correct" in answer.content.decode()
    assert 'value="wanda@example.org"' in answer.content.decode()


def test_nobody_signs_up_alone_and_the_page_says_whom_to_ask():
    answer = Client().post(
        "/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    )

    assert "made by the organization you work with or for" in answer.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()
    assert "sign up" not in shown(Client(), "/accounts/login/").lower()


def test_logging_out_takes_a_button_press():
    client = logged_in()

    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session

    answer = client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session
    assert answer["Location"] == "/accounts/login/"


def test_a_second_factor_is_set_up_with_the_secret_on_the_page_and_then_asked_for():
    client = logged_in()
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()

    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert "is active" in shown(client, "/accounts/2fa/")
    again = Client().post("/accounts/login/", {"login": "wanda@example.org", "password": PASSWORD})

    assert again["Location"] == "/accounts/2fa/authenticate/"


def test_who_once_asked_for_a_new_password_may_still_set_a_second_factor_up():
    client = logged_in()
    Client().post("/accounts/password/reset/", {"email": "wanda@example.org"})

    page = client.get("/accounts/2fa/totp/activate/")

    assert page.status_code == 200
    assert page.context["form"].secret


def test_recovery_codes_are_made_with_the_second_factor_and_shown():
    client = logged_in()
    page = client.get("/accounts/2fa/totp/activate/")

    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(page.context["form"].secret)}, follow=True)

    assert "Unused codes" in shown(client, "/accounts/2fa/recovery-codes/")
    assert answer.status_code == 200


def test_a_forgotten_password_is_answered_by_mail():
    person()

    Client().post("/accounts/password/reset/", {"email": "wanda@example.org"})

    assert [message.to for message in mail.outbox] == [["wanda@example.org"]]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("client", [Client(), None], ids=["stranger", "logged in"])
def test_account_pages_look_like_ours_and_need_nothing_that_the_policy_forbids(address, client):
    html = shown(client or logged_in(), address)

    assert 'href="/static/core/page.css"' in html
    assert "Menu:" not in html  # allauth's bare layout
    assert not re.search(r"<style|\sstyle=|\son\w+=\"|(src|href)=\"(https?:)?//", html)
    for script in re.findall(r"<script[^>]*>", html):
        assert 'src="/static/' in script or "application/json" in script


def test_a_person_who_is_told_to_log_in_comes_back_to_where_they_wanted_to_go():
    person()
    client = Client()
    asked = client.get("/work/earnings/")

    answer = client.post(asked["Location"], {
        "login": "wanda@example.org", "password": PASSWORD, "next": "/work/earnings/",
    })  # fmt: skip

    assert asked["Location"] == "/accounts/login/?next=/work/earnings/"
    assert answer["Location"] == "/work/earnings/"


def test_an_account_that_was_switched_off_cannot_log_in():
    user = UserFactory(is_active=False)
    user.set_password(PASSWORD)
    user.save()
    client = Client()

    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_a_page_is_all_in_one_language_and_says_in_which():
    answer = Client().get("/accounts/login/", headers={"accept-language": "de"})

    assert '<html lang="en" dir="ltr">' in answer.content.decode()
    assert "Passwort" not in answer.content.decode()


def test_a_page_that_somebody_may_not_open_says_why_and_leads_on():
    client = logged_in()

    shown = client.get("/admin/", follow=True).content.decode()

    assert "ask the organization that you work with or for" in shown
    assert '<a class="lc-button lc-primary" href="/">' in shown


def code(secret: str) -> str:
    """Return what an authenticator app would show now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
