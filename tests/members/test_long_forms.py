"""S9: a form in parts is read, and its files put on the disk, only of somebody who may send such a long one."""

import pytest
from django.test import Client

from apps.members.models import Membership, Role
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
MIB = 2**20
PAGE = "/work/"


class Unread:
    """A body of which nothing may be read."""

    def read(self, *size):
        raise AssertionError("the body was read")

    readline = read


def posted(browser, length, *, path=PAGE):
    """Send a form in parts with the browser's CSRF token in it; the body itself may not be read."""
    browser.cookies["csrftoken"] = "c" * 32
    told = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    return browser.generic("POST", path, **told, **{"wsgi.input": Unread()})


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def signed_in(browser):
    """Return what signs somebody of a role in."""

    def sign_in(role):
        user = UserFactory()
        if role:
            Membership.objects.create(organization=OrganizationFactory(), user=user, role=role)
        browser.force_login(user)
        return browser

    return sign_in


@pytest.mark.parametrize("path", [PAGE, "/accounts/login/", "/admin/datasets/dataset/add/"])
def test_a_long_form_of_a_stranger_leads_to_the_log_in_unread(browser, path):
    said = posted(browser, 2 * MIB, path=path)

    assert said.status_code == 302
    assert said["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("path", ["/mturk/externalSubmit", "/work/frames/x/", "/work/slots/x/"])
def test_a_form_of_a_frame_without_cookies_is_read_to_the_length_of_a_page_and_refused_unread_beyond(browser, path):
    fits = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"a" * (2 * MIB) + b"\r\n--x--\r\n"

    taken = browser.generic("POST", path, fits, content_type="multipart/form-data; boundary=x")
    said = posted(browser, 6 * MIB, path=path)

    assert taken.status_code in (200, 400, 404)  # it has no page, and that is said: not that somebody should log in
    assert said.status_code == 413


@pytest.mark.parametrize("role", [None, Role.REVIEWER, Role.FINANCE])
def test_a_form_longer_than_any_page_of_somebody_has_is_refused_unread(signed_in, role):
    said = posted(signed_in(role), 6 * MIB)

    assert said.status_code == 413
    assert "has 6,291,456 bytes, and may have 5,242,880 from you" in said.content.decode()


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.ADMIN])
def test_who_brings_items_in_may_send_as_long_a_form_as_a_file_may_be(signed_in, role, settings):
    settings.MOST_UPLOAD_BYTES = 20 * MIB
    browser = signed_in(role)

    assert posted(browser, 26 * MIB).status_code == 413
    with pytest.raises(AssertionError, match="the body was read"):
        posted(browser, 24 * MIB)


def test_a_short_form_of_anybody_is_read(browser):
    with pytest.raises(AssertionError, match="the body was read"):
        posted(browser, MIB)
