"""The next question is there before any network could have brought it, and at no cost that is felt."""

from statistics import median

import pytest
from playwright.sync_api import Page, Route, expect

from infra.speed import pages
from tests.browser.pace import WATCH, cost_of_next_page, next_page_after
from tests.browser.working import Visit, has_page_ahead, person, radio, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)
LATENCY = 600  # milliseconds
PRESSES = 20
MOST = 0.1  # processor seconds of the page's own thread until the next question is seen
SLOWER = """() => new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    if (!added.some((node) => node.localName === "main")) return;
    const until = performance.now() + 400;
    while (performance.now() < until);
}).observe(document, { childList: true, subtree: true })"""


@pytest.fixture
def page(visit: Visit) -> Page:
    """The first of six pages of one question each."""
    return started(visit, items=6)


def started(visit: Visit, *, items: int) -> Page:
    """Return the first page of one question each."""
    campaign = running(items=items, page_size=1)
    opened = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    opened.context.add_init_script(WATCH)
    opened.get_by_role("button", name="Start").click()
    return opened


def answer(page: Page) -> None:
    """Answer the question by its key, once the next page was fetched."""
    sees(page, "0 of 1 done")
    has_page_ahead(page)
    page.keyboard.press("1")


def submits(held: list[Route]) -> int:
    return [route.request.url.rsplit("/", 1)[1] for route in held].count("submit")


def test_the_next_question_does_not_wait_for_the_network(page: Page):
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)

    waits = []
    for _ in range(3):
        answer(page)
        waits.append(next_page_after(page, "Enter"))

    assert median(waits) < LATENCY / 2


@pytest.mark.parametrize("latency", [0, 100])
def test_the_next_question_is_seen_within_what_is_promised(visit: Visit, latency):
    """The promise is 50 ms at the 95th percentile, which make bench-worker-page holds the pages to over 100 presses; on
    a machine that does other things a few of 20 may take twice as long, half of them may not.
    """
    page = started(visit, items=PRESSES + 2)
    conditions = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)

    waits = []
    for _ in range(PRESSES):
        answer(page)
        waits.append(next_page_after(page, "Enter"))

    assert median(waits) < pages.MOST
    assert pages.figure(waits, latency=latency).value < 2 * pages.MOST


def test_a_page_that_makes_workers_wait_misses_the_aim_that_the_bench_fails_by(page: Page):
    page.evaluate(SLOWER)

    waits = []
    for _ in range(2):
        answer(page)
        waits.append(next_page_after(page, "Enter"))

    assert pages.figure(waits, latency=0).misses
    assert not pages.figure([12] * 20, latency=0).misses


def test_the_next_question_can_be_answered_while_every_request_still_waits(page: Page):
    answer(page)
    first, held = page.url, []
    page.route("**/*", lambda route: held.append(route))  # and nobody lets them go on

    page.keyboard.press("Enter")
    sees(page, "0 of 1 done")
    page.keyboard.press("1")

    expect(radio(page, 1, "cat")).to_be_checked()
    assert page.url != first
    for _ in range(100):  # a request is heard of a little after what is seen
        if submits(held):
            break
        page.wait_for_timeout(100)
    assert submits(held) == 1
    for route in held:
        route.continue_()
    page.unroute_all(behavior="wait")


def test_the_next_question_costs_the_browser_little_and_a_page_ten_times_as_slow_is_caught(page: Page):
    costs = []
    for _ in range(2):
        answer(page)
        costs.append(cost_of_next_page(page, "Enter"))
    page.evaluate(SLOWER)
    answer(page)
    slower = cost_of_next_page(page, "Enter")

    assert min(costs) < MOST < slower
