"""A worker at a page, as tests need one: shorthands for what a person does in several steps."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from playwright.sync_api import Locator, Page, Route, expect

from apps.campaigns.models import Campaign
from apps.members.models import User
from tests.running import worker_of

PASSWORD = "a long enough password"
Visit = Callable[..., Page]


def person(campaign: Campaign) -> User:
    """Return a new user who may work in the campaign."""
    user = User.objects.create_user("wanda@example.org", PASSWORD, name="Wanda")
    worker_of(campaign, user=user)
    return user


def log_in(page: Page) -> None:
    page.get_by_label("Email").fill("wanda@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def session_of(user: User) -> str:
    """Return the session of somebody who logged in before."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def choose(page: Page, question: int, option: str) -> None:
    radio(page, question, option).check()


def radio(page: Page, question: int, option: str) -> Locator:
    return page.locator(f"#question-{question}").get_by_role("radio", name=option)


def answer_all(page: Page, option: str) -> None:
    """Choose the same option in every question of the page."""
    expect(page.locator(".lc-place").first).to_be_visible()  # the page may just be on its way
    for question in range(1, page.locator(".lc-place").count() + 1):
        choose(page, question, option)


def hand_in(page: Page, *, stop: bool = False) -> None:
    page.get_by_role("button", name="Hand in and stop" if stop else "Hand in and go on").click()


def sees(page: Page, done: str) -> None:
    """Wait until the page says how much is done."""
    expect(page.locator("#done")).to_have_text(done)


def has_page_ahead(page: Page) -> None:
    """Wait until the next page was fetched."""
    expect(page.locator("form#page")).to_have_attribute("data-next", "ready")


def as_whitenoise_serves(route: Route) -> None:
    """Answer as the real server does: scripts may be read from anywhere, also from a frame that is of no origin."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "Access-Control-Allow-Origin": "*"})


@contextmanager
def held_back(page: Page, script: str) -> Iterator[None]:
    """Let a script come only after what is done meanwhile, as on a slow line."""
    waiting: list[Route] = []
    page.route(script, lambda route: waiting.append(route))  # Playwright marks the function
    yield
    assert waiting, f"{script} was not asked for"
    for route in waiting:
        route.continue_()
    page.unroute(script)


def put_on(page: Page, theme: str) -> None:
    """Have the page light or dark from here on. The admin looks at the browser's wish only when it is loaded."""
    page.emulate_media(color_scheme=theme)
    page.evaluate("(dark) => document.documentElement.classList.toggle('dark', dark)", theme == "dark")


def wait_until_quiet() -> None:
    """Wait until the site answers nobody any more: what a page sends last would meet the emptying of the tables."""
    looks = 0  # in a row in which nobody was at work: a request may just be on its way to the database
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND state <> 'idle'"
            )
            looks = looks + 1 if cursor.fetchone() == (0,) else 0
        if looks == 3:
            return
        time.sleep(0.05)
