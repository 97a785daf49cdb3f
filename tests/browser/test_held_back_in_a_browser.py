"""A session that ends while somebody without scripts works: what they send then is sent once more, not lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.work.models import Judgment
from tests.browser.working import log_in, person
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(browser: Browser):
    """A page of a browser that runs no scripts."""
    context = browser.new_context(locale="en", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_without_scripts_one_logs_in_in_another_tab_and_sends_once_more(plain: Page, live_server):
    campaign = running(items=2, page_size=2)
    person(campaign)
    plain.goto(f"{live_server.url}/work/")
    log_in(plain)
    plain.goto(f"{live_server.url}/work/{campaign.pk}/")
    plain.get_by_role("button", name="Start").click()
    for question in plain.locator(".lc-place").all():
        question.get_by_role("radio", name="cat").check()
    plain.context.clear_cookies(name="sessionid")

    plain.get_by_role("button", name="Hand in and stop").click()
    expect(plain.get_by_role("heading", name="This was not sent yet")).to_be_visible()
    with plain.expect_popup() as opened:
        plain.get_by_role("link", name="Log in").click()
    beside = opened.value
    beside.get_by_label("Email").fill("wanda@example.org")
    beside.get_by_label("Password", exact=True).fill("a long enough password")
    beside.get_by_role("button", name="Log in").click()
    expect(beside.get_by_role("heading", name="You are logged in")).to_be_visible()
    plain.get_by_role("button", name="Send once more").click()
    expect(plain.get_by_text("Nothing is lost: they are all here.")).to_be_visible()
    plain.get_by_role("button", name="Send once more").click()

    expect(plain.get_by_role("heading", name="Handed in")).to_be_visible()
    assert list(Judgment.objects.values_list("answer", flat=True)) == ["cat", "cat"]
