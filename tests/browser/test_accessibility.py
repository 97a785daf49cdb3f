"""No page of a worker's breaks a rule that axe knows: light and dark, on a desk and on a phone (WCAG 2.2 A and AA)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.campaigns.models import Campaign
from apps.kinds import names, of
from apps.members import consent
from apps.members.models import User
from apps.work import services as work
from apps.workforce import inviting
from tests.browser.report import NOT_RUN
from tests.browser.working import person, sees, session_of, wait_until_quiet
from tests.factories import UserFactory
from tests.running import answered, running

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Path(__file__).parents[2] / "infra/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]
RUN = """async (rules) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}"""
Check = Callable[[str], None]


@pytest.fixture(scope="module")
def axe() -> str:
    if AXE.exists():
        return AXE.read_text()
    sentence = f"{NOT_RUN}: axe is not installed in infra/web: run `make scripts`"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture
def page(axe: str, browser: Browser) -> Iterator[Page]:
    """A page on which axe may run: the site's policy would not let it in."""
    context = browser.new_context(locale="en", bypass_csp=True, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.set_offline(True)
    wait_until_quiet()
    context.close()


@pytest.fixture
def check(axe: str, page: Page) -> Check:
    """Let axe look at the page as it is, in every width and theme."""

    def look(where: str) -> None:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(axe)
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=theme)
            found = page.evaluate(RUN, RULES)
            assert found == [], f"{where}, {width} px wide, {theme}"

    return look


def enter(page: Page, live_server: Any, user: User) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])


def test_the_pages_around_the_work(page: Page, check: Check, live_server):
    campaign = running(items=8, page_size=2, price=10)
    user = person(campaign)
    worker = user.workers.get()
    done = work.lease(campaign, worker=worker)
    work.submit(done.pk, worker=worker, answers=answered(done))
    returned = work.lease(campaign, worker=worker)
    work.give_back(returned.pk, worker=worker)

    page.goto(f"{live_server.url}/accounts/login/")
    check("the log-in")
    enter(page, live_server, UserFactory())
    page.goto(f"{live_server.url}/work/")
    check("a person without work")
    enter(page, live_server, user)
    of_pages = (f"pages/{done.pk}/", f"pages/{returned.pk}/")
    for address in (f"{campaign.pk}/", "earnings/", "account/payout", "terms/", "nothing/", *of_pages):
        page.goto(f"{live_server.url}/work/{address}")
        check(f"/work/{address}")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_ones_own(page: Page, check: Check, live_server, language: str):
    campaign = running(
        items=8, gold=2, page_size=2, price=10, grace_seconds=600, senses=["sight"], content_warning="Wounds"
    )
    running(qualifications=["animals"], dataset__organization=campaign.organization)
    user = person(campaign)
    User.objects.filter(pk=user.pk).update(language=language)
    page.context.set_extra_http_headers({"Accept-Language": language})
    worker = user.workers.get()
    done = work.lease(campaign, worker=worker)
    work.submit(done.pk, worker=worker, answers=answered(done))
    consent.publish(campaign.organization, text=consent.SUGGESTION)
    invitation = inviting.invite(campaign.organization, email="new@example.org", languages=["en"])

    page.goto(f"{live_server.url}/work/invitations/{inviting.token(invitation)}/")
    check("an invitation")
    enter(page, live_server, user)
    page.goto(f"{live_server.url}/work/")
    check("new terms")
    page.locator("main form button[type=submit]").first.click()
    for address in ("/work/", "/work/account/", "/work/account/erase", f"/work/pages/{done.pk}/change"):
        page.goto(f"{live_server.url}{address}")
        for opened in page.locator("details > summary").all():
            opened.click()
        check(address)


@pytest.mark.parametrize("kind", names())
def test_a_page_of_each_kind(page: Page, check: Check, live_server, kind: str):
    start(page, live_server, kind)

    check(f"a page of {kind}")


def test_a_page_with_everything_open_wrong_and_offline(page: Page, check: Check, live_server):
    start(page, live_server, "single_choice")
    for opened in page.locator(".lc-other summary").all():
        opened.click()
    page.get_by_label("Report it as broken").first.check()
    page.get_by_role("button", name="Hand in and go on").click()
    expect(page.locator("#problems")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("You are offline")
    check("a page with problems, offline")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    check("the keys")
    page.keyboard.press("Escape")
    page.locator("#show-guidelines").click()
    expect(page.locator("#guidelines-sheet")).to_be_visible()
    check("the guidelines")


def start(page: Page, live_server: Any, kind: str) -> Campaign:
    examples = of(kind).examples
    campaign = running(kind=kind, settings=examples.settings, items=2, page_size=2)
    campaign.dataset.items.update(data=examples.item)
    enter(page, live_server, person(campaign))
    page.goto(f"{live_server.url}/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 2 done")
    return campaign
