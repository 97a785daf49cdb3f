"""Measure what a worker waits for: from the key press that hands a page in until the next question is on the screen.

    DATABASE_URL=... python infra/bench/worker_page.py [PAGES] [LATENCY_MS ...]

A site of our own and a real Chromium; the page fetches the next one ahead by itself. Works in a database of its own
beside that of DATABASE_URL, and removes it. Prints the median, the 95th percentile and the longest wait, for each
latency that is added to every request.
"""

import sys
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from infra.house.page import prepare, site

prepare()

from playwright.sync_api import Browser, sync_playwright  # noqa: E402 - Django is set up first

from tests.browser import chromium  # noqa: E402
from tests.browser.pace import WATCH, next_page_after  # noqa: E402
from tests.browser.working import has_page_ahead, sees, session_of  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from tests.running import running, worker_of  # noqa: E402


def waits(browser: Browser, url: str, *, pages: int, latency: int) -> list[float]:
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


def main(pages: int, latencies: list[int]) -> None:
    with site() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for latency in latencies:
            found = waits(browser, url, pages=pages, latency=latency)
            p95 = quantiles(found, n=20)[-1]
            print(
                f"{latency:>4} ms network: next question after {median(found):.0f} ms (median), {p95:.0f} ms (p95), "
                f"{max(found):.0f} ms (longest of {len(found)})"
            )
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, [int(one) for one in sys.argv[2:]] or [0, 100])
