"""No page of a worker's breaks a rule that axe knows: light and dark, on a desk and on a phone (WCAG 2.2 A and AA)."""

from collections.abc import Collection, Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from apps.api.views import documents
from apps.kinds import names, of
from apps.members.models import User
from infra.pictures import rows as pictured
from infra.pictures import worker
from infra.pictures.shot import Shot, ask_for, come
from tests.browser.axe import breaches, source, told
from tests.browser.rendered import allauths, noting, ours, routes_of_pages
from tests.browser.working import person, sees, session_of, wait_until_quiet
from tests.running import running, worker_of
from tests.security.policies import laxities

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without what moves; what a browser calls an error here, as an answer of 404, is a page to look at."""
    source()
    context = browser.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.set_offline(True)  # nothing is sent any more while the tables are emptied
    wait_until_quiet()
    context.close()


def enter(page: Page, url: str, user: User | None) -> None:
    page.context.clear_cookies()
    if user:
        page.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": url}])


def test_every_page_of_which_pictures_are_taken(page: Page, live_server, settings):
    """And a page of which none is taken is named: every template and every route has to be among them."""
    settings.MARKET_ORIGINS = [live_server.url]
    documents._read_by_people.cache_clear()  # a process draws it once
    rows = pictured.make()
    with noting() as seen:
        shots = worker.shots(rows)
        found, lax = looked_at(page, live_server.url, shots, rows)
    forgotten = (ours() | allauths()) - seen.templates, routes_of_pages() - seen.routes
    assert {name: broken for name, broken in found.items() if broken} == {}
    assert (lax, *forgotten) == ({}, set(), set()), "lax policies; templates and routes of no shot"


def looked_at(
    page: Page, url: str, shots: Collection[Shot], rows: pictured.Rows
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return what is wrong with each page, and what the policies of those let in with which the site answers."""
    made_here = [each.at for each in shots if each.template or each.body or each.framed]
    found, lax = {}, policies_of(page, url, but=made_here)
    for shot in shots:
        enter(page, url, rows.users.get(shot.who))
        come(page, url, shot)
        found[shot.name] = breaches(page, frame=page.frames[1] if shot.framed else None)
        page.context.set_offline(False)
    return found, lax


def policies_of(page: Page, url: str, *, but: Collection[str]) -> dict[str, list[str]]:
    """Note of every page that comes from the site, also in a frame, what its policy lets in; not at these addresses,
    where the test itself answers.
    """
    lax: dict[str, list[str]] = {}

    def look(answer: Response) -> None:
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        if is_page and answer.url.startswith(url) and answer.url.removeprefix(url) not in but:
            if told := laxities(answer.headers.get("content-security-policy", "")):
                lax[answer.url] = told

    page.on("response", look)
    return lax


def test_a_page_of_each_kind(page: Page, live_server):
    campaigns = {}
    for kind in names():
        campaigns[kind] = running(kind=kind, settings=of(kind).examples.settings, items=2, page_size=2)
        campaigns[kind].dataset.items.update(data=of(kind).examples.item)
    user = person(campaigns["single_choice"])
    found = {}

    for kind, campaign in campaigns.items():
        if kind != "single_choice":
            worker_of(campaign, user=user)
        enter(page, live_server.url, user)
        page.goto(f"{live_server.url}/work/{campaign.pk}/")
        page.get_by_role("button", name="Start").click()
        sees(page, "0 of 2 done")
        found[kind] = breaches(page)

    assert {kind: broken for kind, broken in found.items() if broken} == {}


def test_every_page_in_a_language_that_is_read_from_the_right_fits_a_phone(page: Page, live_server):
    """As one comes to it, with all open that can be opened; and a page of work, where one begins it."""
    rows = pictured.make()
    User.objects.update(language="ar")
    shots = [each for each in worker.shots(rows) if not (each.template or each.body or each.framed)]
    shots = [each for each in shots if not each.at.startswith("/api/")]  # for machines and their makers, in English
    found = {}

    for shot in {each.at: each for each in shots}.values():
        enter(page, live_server.url, rows.users.get(shot.who))
        ask_for(page, live_server.url, "ar")
        page.goto(f"{live_server.url}{shot.at}")
        found[shot.name] = from_the_right(page)
        begin = page.locator("main form[action$='/lease'] button, main a.lc-primary[href*='/pages/']")
        if shot.name.startswith(("task", "framed")) and begin.count():
            begin.first.click()
            expect(page.locator("#frame, #done:not(:empty)")).to_be_visible()
            found[f"{shot.name}, begun"] = from_the_right(page)

    assert {where: broken for where, broken in found.items() if broken} == {}


def from_the_right(page: Page) -> list[str]:
    """Return what is wrong with the page on a phone, with everything open."""
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    for closed in page.locator("main details:not([open]) > summary").all():
        if closed.is_visible():
            closed.click()
    found = told(page, width=390, theme="light")
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *[f"{too_wide} px too wide for a phone"] * (too_wide > 0)]
