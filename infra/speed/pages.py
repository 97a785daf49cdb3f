"""What a worker waits for: from the key press that hands a page in until the next question is on the screen."""

import os
from collections.abc import Iterator, Sequence
from statistics import median, quantiles

from playwright.sync_api import Browser, sync_playwright

from infra.house.servers import House
from infra.speed.measuring import Figure, open_house
from tests.browser import chromium
from tests.browser.pace import WATCH, next_page_after
from tests.browser.working import has_page_ahead, sees, session_of
from tests.factories import UserFactory
from tests.running import running, worker_of

PAGES = 100
LATENCIES = (0, 100)  # milliseconds added to every request
MOST = 50  # milliseconds until the next question is seen, at the 95th percentile


def looks(home: House) -> Iterator[Figure]:
    """Measure it on the pages of everything at once; without a Chromium it is said that nothing was measured."""
    try:
        chromium.find()
    except chromium.NoChromium as missing:
        print(f"the next page: not measured, {missing}", flush=True)
        return
    open_house(home)
    yield from measure(home.addresses[0], pages=PAGES, latencies=LATENCIES)


def measure(url: str, *, pages: int, latencies: Sequence[int]) -> Iterator[Figure]:
    """Measure it with so many pages of one question, at each latency; with a page fetched ahead each time."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop owns the thread in which rows are made
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for latency in latencies:
            yield figure(_waits(browser, url, pages=pages, latency=latency), latency=latency)
        browser.close()


def figure(waits: Sequence[float], *, latency: int) -> Figure:
    """Return the 95th percentile of some waits in milliseconds, with what is promised of it."""
    setting = (
        f"{len(waits)} key presses till the next question is painted, {latency} ms network: "
        f"median {median(waits):.0f}, longest {max(waits):.0f}"
    )
    return Figure(f"next_page_p95_ms_{latency}", quantiles(waits, n=20)[-1], "ms", setting, most=MOST)


def _waits(browser: Browser, url: str, *, pages: int, latency: int) -> list[float]:
    """Return the milliseconds until the next page was seen, for each page handed in."""
    campaign = running(items=pages + 2, page_size=1, name=f"{latency} ms")
    user = UserFactory()
    worker_of(campaign, user=user)
    context = browser.new_context(locale="en")
    context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": url}])
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{url}/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    devtools = context.new_cdp_session(page)
    conditions = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", conditions)
    found = []
    for _ in range(pages):
        sees(page, "0 of 1 done")
        has_page_ahead(page)
        page.keyboard.press("1")
        found.append(next_page_after(page, "Enter"))
    context.close()
    return found
