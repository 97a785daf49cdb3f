"""S15: no log line of the whole suite tells a secret.

Every test fails that has one logged (`no_secret_is_logged` in tests/conftest.py); here it is shown that it would.
"""

import logging

import httpx
import pytest
from django.conf import settings
from django.http import HttpResponseServerError
from django.urls import resolve
from django.utils.log import log_response

from labelcrowd.logs import blotted
from tests.listening import Ear, telling


def test_s15_a_line_that_tells_a_secret_is_found():
    lines = ["token lc_0123456789abcdefghijklmnop was made", f"key {settings.SECRET_KEY}", "all is well"]

    assert telling(lines) == lines[:2]


def test_s15_what_is_logged_with_a_secret_is_written_without(no_secret_is_logged):
    ear: Ear = no_secret_is_logged

    logging.getLogger("apps").warning("Authorization: Bearer 0123456789abcdef0123, lc_0123456789abcdefghijklmnop")

    assert any("***" in line for line in ear.lines)
    assert telling(ear.lines) == []


def test_s15_where_a_webhook_leads_is_not_logged_as_its_path_may_be_its_secret(caplog):
    caplog.set_level(logging.INFO)

    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(204))) as client:
        client.post("https://hooks.example/services/T0/B0/0123456789abcdef")

    assert "0123456789abcdef" not in caplog.text


@pytest.mark.parametrize(
    "secret",
    [
        "/files/AAAA:1tXyzA:0123456789abcdefghijklm", "/work/slots/AAAA:1tXyzA:0123456789abcdefghijklm/",
        "/work/invitations/0123456789abcdefghijklm/", "/accounts/password/reset/key/1-abcd12-0123456789abcdef0123/",
    ],
)  # fmt: skip
def test_s15_a_fault_on_a_page_behind_a_signed_address_is_logged_by_its_route(secret, rf, no_secret_is_logged):
    ear: Ear = no_secret_is_logged
    request = rf.get(secret)
    request.resolver_match = resolve(secret)

    log_response("%s: %s", "Internal Server Error", secret, response=HttpResponseServerError(), request=request)

    line = ear.lines[-1]
    assert "Internal Server Error" in line
    assert request.resolver_match.route in line
    assert "0123456789abcdef" not in line


@pytest.mark.parametrize("text", ["token=0123456789", "{'access_token': '0123456789'}", "sessionid=0123456789; x=1"])
def test_s15_what_a_text_calls_a_token_or_a_session_is_blotted_out(text):
    assert "0123456789" not in blotted(text)
    assert "***" in blotted(text)
