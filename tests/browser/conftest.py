"""A real browser for tests: `page` is a fresh Chromium profile, `live_server` (pytest-django) the site it visits.

Every test in this folder is marked e2e. Without a Chromium they are skipped, loudly, and fail where CI=true.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium
from tests.browser.report import NOT_RUN
from tests.browser.working import Visit, session_of, wait_until_quiet

HERE = Path(__file__).parent
# Errors to a browser, answers here: logged out, handed in before, too large, not complete, no connection.
ANSWERS = re.compile(r"status of (401|403|409|410|413|422|503)|ERR_INTERNET_DISCONNECTED")
# In a frame of another origin nothing has the focus unasked: a preview's closed dialogs would like it.
UNASKED = "Blocked autofocusing"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium_program() -> str:
    try:
        return chromium.find()
    except chromium.NoChromium as missing:
        sentence = f"{NOT_RUN}: {missing}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="module")
def browser(chromium_program: str) -> Iterator[Browser]:
    """One Chromium for a module. Not for the session: while Playwright runs, its event loop owns the process's main
    thread, and neither Django's ORM nor other tests' own loops would work there without the exception made here.
    """
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        found = playwright.chromium.launch(executable_path=chromium_program, args=chromium.FLAGS)
        yield found
        found.close()


def _is_wrong(said: ConsoleMessage) -> bool:
    return said.type == "error" and not said.text.startswith(UNASKED)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile; a script's error or a blocked resource on it fails the test."""
    context = browser.new_context(locale="en")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if _is_wrong(said) else None)
    yield opened
    opened.unroute_all(behavior="ignoreErrors")
    context.close()
    assert errors == [], "errors in the browser's console"


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Visit]:
    """Open pages in fresh profiles; a script's error or a blocked or missing resource fails the test.

    With `user` it is theirs, logged in before; with `at` it is at that address.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(*, user=None, at: str = "/", width: int = 1280, height: int = 800, scripts: bool = True, **how) -> Page:
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, java_script_enabled=scripts, locale="en", **how)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda said: errors.append(said.text) if _is_wrong(said) else None)
        page = context.new_page()
        page.goto(f"{live_server.url}{at}")
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # else what is on its way would fail the next test
        context.set_offline(True)  # no page has a last word while the tables are emptied
    wait_until_quiet()
    for context in contexts:
        context.close()
    assert [error for error in errors if not ANSWERS.search(error)] == [], "errors in the browser's console"
