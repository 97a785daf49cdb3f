"""S8: a cookie alone, without the form, posts nothing."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from apps.members.models import Role
from tests.factories import UserFactory, member
from tests.security.walking import routes, site

pytestmark = pytest.mark.django_db


def test_s8_a_session_alone_posts_nothing():
    """As another site's page would have a browser do it: with the cookie, without what the form holds."""
    here = site()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member(here.house.organization, Role.ADMIN))
    taken = []

    for name, path in routes(here).items():
        if name.startswith(("api:", "turkapi:", "mturk:")):
            continue  # cookies count for nothing there: tests/api
        answer = browser.post(f"/{path}")
        if answer.status_code not in (403, 404, 405):
            taken.append((name, answer.status_code))

    keeps_nothing = {"external_submit", "workbench:preview"}  # nor need a session: what they post comes back at once
    assert [each for each in taken if each[0] not in keeps_nothing] == []


def test_s8_cookies_are_the_sites_own_and_pages_stand_in_no_frame(client, settings):
    answer = client.get("/accounts/login/")

    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_COOKIE_HTTPONLY
    assert not settings.SESSION_COOKIE_DOMAIN
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_s9_a_session_that_somebody_planted_before_a_log_in_lets_nobody_in_after_it(client):
    user = UserFactory()
    user.set_password("correct horse battery")
    user.save()
    planted = SessionStore()
    planted["theirs"] = True
    planted.create()
    client.cookies["sessionid"] = planted.session_key

    client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery"})
    whoever_planted_it = Client()
    whoever_planted_it.cookies["sessionid"] = planted.session_key

    assert client.get("/accounts/email/").status_code == 200
    assert client.cookies["sessionid"].value != planted.session_key
    assert whoever_planted_it.get("/accounts/email/").status_code == 302
