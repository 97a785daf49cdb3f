"""S8: a cookie alone, without the form, posts nothing."""

import pytest
from django.test import Client

from apps.members.models import Role
from tests.factories import member
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

    assert [each for each in taken if each[0] not in {"external_submit"}] == []


def test_s8_cookies_are_the_sites_own_and_pages_stand_in_no_frame(client, settings):
    answer = client.get("/accounts/login/")

    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_COOKIE_HTTPONLY
    assert not settings.SESSION_COOKIE_DOMAIN
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
