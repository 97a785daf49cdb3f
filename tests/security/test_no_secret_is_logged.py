"""S15: no log line of the whole suite tells a secret.

Every test fails that has one logged (`no_secret_is_logged` in tests/conftest.py); here it is shown that it would.
"""

import logging

from django.conf import settings

from tests.listening import Ear, telling


def test_s15_a_line_that_tells_a_secret_is_found():
    lines = ["token lc_0123456789abcdefghijklmnop was made", f"key {settings.SECRET_KEY}", "all is well"]

    assert telling(lines) == lines[:2]


def test_s15_what_is_logged_with_a_secret_is_written_without(no_secret_is_logged):
    ear: Ear = no_secret_is_logged

    logging.getLogger("apps").warning("Authorization: Bearer 0123456789abcdef0123, lc_0123456789abcdefghijklmnop")

    assert any("***" in line for line in ear.lines)
    assert telling(ear.lines) == []
