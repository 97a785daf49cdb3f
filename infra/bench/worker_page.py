"""Measure what a worker waits for: from the key press that hands a page in until the next question is on the screen.

    DATABASE_URL=... python infra/bench/worker_page.py [PAGES] [LATENCY_MS ...]

A site of our own and a real Chromium; the page fetches the next one ahead by itself. Works in a database of its own
beside that of DATABASE_URL, and removes it. Prints the median, the 95th percentile and the longest wait, for each
latency that is added to every request.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop owns the thread in which rows are made
VAR = TemporaryDirectory(prefix="labelcrowd-bench-")
os.environ["LABELCROWD_VAR"] = VAR.name
(Path(VAR.name) / "static").mkdir()

django.setup()

from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402 - Django is set up first
from django.db import connection  # noqa: E402
from django.test.testcases import LiveServerThread  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from tests.browser import chromium  # noqa: E402
from tests.browser.pace import WATCH, next_page_after  # noqa: E402
from tests.browser.working import has_page_ahead, sees, session_of  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from tests.running import running, worker_of  # noqa: E402


@contextmanager
def site() -> Iterator[str]:
    """Serve the site from a database of its own; return its address."""
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()
        with connection.cursor() as cursor:  # its threads leave their sessions behind
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(name, verbosity=0)


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
