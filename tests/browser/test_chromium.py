"""The browser tests' own ground: a Chromium is found, runs, and its errors are not overlooked."""

import pytest
from playwright.sync_api import Page

from tests.browser import chromium


@pytest.mark.django_db(transaction=True)
def test_the_log_in_page_opens_in_a_real_browser(page: Page, live_server):
    page.goto(f"{live_server.url}/accounts/login/")

    assert page.locator("input[name=login]").is_visible()


def test_a_program_that_is_named_but_does_not_run_is_refused():
    with pytest.raises(chromium.NoChromium, match="CHROMIUM names /no/such/program"):
        chromium.find({"CHROMIUM": "/no/such/program"})
