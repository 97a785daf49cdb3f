"""No page of a worker's breaks a rule that axe knows: light and dark, on a desk and on a phone (WCAG 2.2 A and AA)."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.kinds import names, of
from apps.members import consent
from apps.members.models import User
from apps.work import services as work
from infra.pictures import rows as pictured
from infra.pictures import worker
from tests.browser.axe import breaches, source
from tests.browser.working import person, sees, session_of, wait_until_quiet
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def enter(page: Page, live_server: Any, user: User | None) -> None:
    page.context.clear_cookies()
    if user:
        page.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])


def test_every_page_of_which_pictures_are_taken(page: Page, live_server, settings):
    settings.MARKET_ORIGINS = [live_server.url]
    rows = pictured.make()
    found = {}

    for shot in worker.shots(rows):
        enter(page, live_server, rows.users.get(shot.who))
        worker.come(page, live_server.url, shot)
        found[shot.name] = breaches(page, frame=page.frames[1] if shot.framed else None)
        page.context.set_offline(False)

    assert {name: broken for name, broken in found.items() if broken} == {}


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
        enter(page, live_server, user)
        page.goto(f"{live_server.url}/work/{campaign.pk}/")
        page.get_by_role("button", name="Start").click()
        sees(page, "0 of 2 done")
        found[kind] = breaches(page)

    assert {kind: broken for kind, broken in found.items() if broken} == {}


def test_pages_in_a_language_that_is_read_from_the_right(page: Page, live_server):
    campaign = running(
        items=8, gold=2, page_size=2, price=10, grace_seconds=600, senses=["sight"], content_warning="Wounds"
    )
    running(qualifications=["animals"], dataset__organization=campaign.organization)
    user = person(campaign)
    User.objects.filter(pk=user.pk).update(language="ar")
    page.context.set_extra_http_headers({"Accept-Language": "ar"})
    worker = user.workers.get()
    done = work.lease(campaign, worker=worker)
    work.submit(done.pk, worker=worker, answers=answered(done))
    consent.publish(campaign.organization, text=consent.SUGGESTION)
    enter(page, live_server, user)
    page.goto(f"{live_server.url}/work/")
    found = {"new terms": breaches(page)}
    page.locator("main form button[type=submit]").first.click()

    for address in ("/work/", f"/work/{campaign.pk}/", "/work/account/", f"/work/pages/{done.pk}/change"):
        page.goto(f"{live_server.url}{address}")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        for opened in page.locator("details > summary").all():
            opened.click()
        found[address] = breaches(page)

    assert {where: broken for where, broken in found.items() if broken} == {}
