"""P17: what workers and requesters write is text on every page of a worker's, also where no policy would stop it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from apps.campaigns.models import GoldQuestion, Guidelines
from apps.members import consent
from apps.pipeline import flow, steps
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce import inviting
from tests.browser.working import person, session_of, wait_until_quiet
from tests.running import answered, running

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "<img src=x onerror=\"window.__pwned='img'\"><script>window.__pwned='script'</script>"
EVIL_MARKDOWN = (
    f"{EVIL}\n\n- ✓ {EVIL}\n\n[press](javascript:window.__pwned='link') <svg onload=\"window.__pwned='svg'\">"
)
BREAKS_OUT = "\"'></textarea></title></option>" + EVIL


@pytest.fixture
def page(browser: Browser) -> Any:
    """A page on which the policy stops nothing: what is text must be so by itself."""
    context = browser.new_context(locale="en", bypass_csp=True)
    context.set_default_timeout(60_000)  # the first page loads all of the site
    yield context.new_page()
    context.set_offline(True)
    wait_until_quiet()
    context.close()


def enter(page: Page, live_server: Any, user: Any) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])


def look(page: Page, live_server: Any, address: str, *, has: str = "onerror") -> None:
    """Open a page and everything folded on it; it shows what is hostile, and none of that has run."""
    page.goto(f"{live_server.url}{address}")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.wait_for_timeout(100)  # an image that is missing says so a moment later
    assert page.evaluate("window.__pwned") is None, address
    assert has in page.locator("body").inner_text(), address


def test_nothing_that_anybody_wrote_runs_on_any_page_of_a_workers(page: Page, live_server):
    options = [{"value": "a", "label": EVIL, "hint": BREAKS_OUT}, {"value": "b", "label": "b"}]
    campaign = running(
        name=BREAKS_OUT[:140], items=8, gold=2, page_size=4, gold_share=0.5, early_gold=5, grace_seconds=600,
        settings={"question": EVIL, "options": options}, content_warning=EVIL[:290],
        dataset__organization__name=EVIL[:90], dataset__name=EVIL[:90],
    )  # fmt: skip
    organization = campaign.organization
    campaign.dataset.items.update(data={EVIL: EVIL, "text": {"text": BREAKS_OUT, "lang": "en"}})
    Guidelines.objects.filter(campaign=campaign).update(text=EVIL_MARKDOWN)
    GoldQuestion.objects.update(teaching=True, reason=EVIL, answers=["a"])
    consent.publish(organization, text=EVIL_MARKDOWN)
    user = person(campaign)
    type(user).objects.filter(pk=user.pk).update(name=EVIL[:140])
    user.workers.update(name=EVIL[:90])
    user.refresh_from_db()
    consent.agree(user, terms=consent.newest_terms(organization))
    invitation = inviting.invite(organization, email="new@example.org", languages=["en"])
    worker = user.workers.get()

    open_page = work.lease(campaign, worker=worker)
    given = {token: {"answer": "b", "note": BREAKS_OUT} for token in answered(open_page)}
    done = flow.submit(open_page.pk, worker=worker, answers=given)
    look_at_changes = f"/work/pages/{done.pk}/change"
    in_hand = work.lease(campaign, worker=worker)
    enter(page, live_server, user)
    look(page, live_server, f"/work/invitations/{inviting.token(invitation)}/")
    for address in ("/work/", f"/work/{campaign.pk}/", f"/work/pages/{in_hand.pk}/", look_at_changes, "/work/answers/"):
        look(page, live_server, address)
    Assignment.objects.filter(pk=done.pk).update(review_after=None)
    steps.settle(done.pk)
    done.refresh_from_db()
    for address in (f"/work/pages/{done.pk}/", "/work/earnings/", "/work/account/"):
        look(page, live_server, address)
