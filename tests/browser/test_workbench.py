"""A worker's way through the workbench in a real browser: by mouse, by keyboard alone, on a phone, without scripts."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.campaigns.models import Campaign
from apps.kinds import names, of
from apps.members.models import User
from apps.work.models import Assignment, Judgment
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"
Visit = Callable[..., Page]
# A browser calls these errors; here they are answers: logged out, handed in before, not complete, no connection.
ANSWERS = re.compile(r"status of (401|403|409|422)|ERR_INTERNET_DISCONNECTED")


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Visit]:
    """Open pages in fresh profiles; a script's error or a blocked or missing resource fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(*, width: int = 1280, height: int = 800, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="en"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(f"{live_server.url}/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [error for error in errors if not ANSWERS.search(error)] == [], "errors in the browser's console"


def person(campaign: Campaign) -> User:
    user = User.objects.create_user("wanda@example.org", PASSWORD, name="Wanda")
    worker_of(campaign, user=user)
    return user


def log_in(page: Page) -> None:
    page.get_by_label("Email").fill("wanda@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def choose(page: Page, question: int, option: str) -> None:
    page.locator(f"#question-{question}").get_by_role("radio", name=option).check()


def test_by_mouse_from_log_in_to_earnings(visit: Visit):
    campaign = running(items=4, page_size=2, price=10)
    person(campaign)
    page = visit()

    log_in(page)
    page.get_by_role("link", name="Look at it first").click()
    expect(page.get_by_role("heading", name="Questions to try")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    for _ in range(2):
        expect(page.locator("#done")).to_have_text("0 of 2 done")
        choose(page, 1, "cat")
        choose(page, 2, "dog")
        expect(page.locator("#done")).to_have_text("2 of 2 done")
        page.get_by_role("button", name="Hand in and go on").click()
    expect(page.get_by_role("status")).to_contain_text("There is nothing left for you")
    page.get_by_role("link", name="Earnings").click()

    expect(page.locator(".lc-sums")).to_contain_text("0.20 USD")
    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "cat", "dog", "dog"]


def test_by_keyboard_alone(visit: Visit):
    campaign = running(items=6, page_size=3, price=10)
    person(campaign)
    page = visit()

    page.get_by_label("Email").focus()
    page.keyboard.type("wanda@example.org")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.name === 'password'"):
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    start = page.get_by_role("button", name="Start")
    start.wait_for()
    while not start.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_have_text("0 of 3 done")
    for key in ("1", "Enter", "3", "Enter"):
        page.keyboard.press(key)
    page.keyboard.press("s")
    page.keyboard.type("too dark")
    expect(page.locator("#done")).to_have_text("3 of 3 done")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#done")).to_have_text("0 of 3 done")
    for _ in range(3):
        page.keyboard.press("2")
        page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("There is nothing left for you")
    first, second = Assignment.objects.order_by("pk")
    assert [judgment.answer for judgment in Judgment.objects.filter(place__assignment=first)] == ["cat", "cow"]
    assert list(first.places.filter(state="skipped").values_list("note", flat=True)) == ["too dark"]
    assert set(Judgment.objects.filter(place__assignment=second).values_list("answer", flat=True)) == {"dog"}


def test_keys_move_between_questions_and_open_guidelines_and_help_and_can_be_switched_off(visit: Visit):
    campaign = running(items=3, page_size=3)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#done")).to_have_text("0 of 3 done")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("1")
    expect(page.locator("#question-2").get_by_role("radio", name="cat")).to_be_checked()
    page.keyboard.press("h")
    expect(page.locator("#guidelines")).not_to_have_attribute("open", "")
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("1")

    expect(page.locator("#done")).to_have_text("1 of 3 done")


def test_what_is_missing_is_listed_before_anything_is_sent_and_the_list_leads_there(visit: Visit):
    campaign = running(items=3, page_size=3)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    page.locator("#question-3 .lc-other summary").click()
    page.locator("#question-3").get_by_label("Report it as broken").check()

    page.get_by_role("button", name="Hand in and go on").click()

    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems li")).to_have_text(
        ["Question 2: Choose one of the options.", "Question 3: Say in a few words what is broken."]
    )
    page.get_by_role("link", name="Question 2").click()
    expect(page.locator("#question-2 input[type=radio]").first).to_be_focused()
    page.keyboard.press("1")
    page.locator("#question-3").get_by_label("Why, or what is broken").fill("no picture")
    page.get_by_role("button", name="Hand in and stop").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.count() == 2


@pytest.mark.parametrize("kind", names())
def test_every_kind_mounts_and_is_handed_in_with_what_the_server_rendered_as_a_good_answer(visit: Visit, kind: str):
    examples = of(kind).examples
    campaign = running(kind=kind, settings=examples.settings, items=1, page_size=1)
    campaign.dataset.items.update(data=examples.item)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#done")).to_have_text("0 of 1 done")

    control = page.locator(".lc-place-widget").locator("input, textarea").first
    if control.get_attribute("type") in ("radio", "checkbox"):
        control.check()
    else:
        control.fill("7")
    page.get_by_role("button", name="Hand in and stop").click()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.count() == 1


def test_more_time_moves_the_clock_and_keeps_what_was_typed(visit: Visit):
    campaign = running(items=1, page_size=1, lease_seconds=90)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    page.wait_for_timeout(2500)
    before = Assignment.objects.get().expires_at

    page.get_by_role("button", name="More time").click()

    expect(page.locator("#said")).to_have_text("You have more time.")
    expect(page.locator("#done")).to_have_text("1 of 1 done")
    assert Assignment.objects.get().expires_at > before


def test_a_click_too_many_hands_in_once(visit: Visit):
    campaign = running(items=4, page_size=2)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    choose(page, 2, "cat")

    page.get_by_role("button", name="Hand in and go on").dblclick()
    expect(page.locator("#done")).to_have_text("0 of 2 done")

    assert Judgment.objects.count() == 2
    assert Assignment.objects.count() == 2


def test_without_a_connection_the_answers_stay_and_are_handed_in_later(visit: Visit):
    campaign = running(items=2, page_size=2)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    choose(page, 2, "cow")

    page.context.set_offline(True)
    page.get_by_role("button", name="Hand in and stop").click()
    expect(page.locator("#said")).to_contain_text("there is no connection")
    page.context.set_offline(False)
    page.get_by_role("button", name="Hand in and stop").click()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "cow"]


def test_logged_out_meanwhile_a_worker_logs_in_in_another_tab_and_hands_in(visit: Visit):
    campaign = running(items=1, page_size=1)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")

    page.context.clear_cookies()
    page.get_by_role("button", name="Hand in and stop").click()
    expect(page.locator("#said")).to_contain_text("You were logged out")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Email").fill("wanda@example.org")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    expect(other.locator("#done")).to_have_text("0 of 1 done")
    page.get_by_role("button", name="Hand in and stop").click()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()


def test_a_page_handed_in_from_another_tab_with_other_answers_says_so(visit: Visit):
    campaign = running(items=1, page_size=1)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#done")).to_have_text("0 of 1 done")
    other = page.context.new_page()
    other.goto(page.url)
    choose(other, 1, "dog")
    other.get_by_role("button", name="Hand in and stop").click()
    expect(other.get_by_role("heading", name="Handed in")).to_be_visible()

    choose(page, 1, "cat")
    page.get_by_role("button", name="Hand in and stop").click()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.get().answer == "dog"


def test_going_back_to_a_page_that_was_handed_in_shows_that_it_was(visit: Visit):
    campaign = running(items=4, page_size=2)
    person(campaign)
    page = visit()
    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    choose(page, 2, "cat")
    page.get_by_role("button", name="Hand in and go on").click()
    expect(page.locator("#done")).to_have_text("0 of 2 done")

    page.go_back()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_the_whole_way_is_there(visit: Visit, width: int):
    campaign = running(items=4, page_size=2, price=10)
    person(campaign)
    page = visit(width=width, height=844, scripts=False)

    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    page.get_by_role("button", name="Hand in and stop").click()
    expect(page.locator("#problems")).to_contain_text("Question 2 has no answer yet")
    expect(page.locator("#question-1").get_by_role("radio", name="cat")).to_be_checked()
    choose(page, 2, "dog")
    page.locator("#question-2").get_by_role("radio", name="dog").press("Enter")
    expect(page.get_by_role("heading", name="Question 1 of 2")).to_be_visible()
    page.get_by_role("button", name="More time").click()
    page.locator(".lc-give-back summary").click()
    page.get_by_role("button", name="Give back without answers").click()

    expect(page.get_by_role("heading", name="Given back")).to_be_visible()
    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "dog"]


def test_on_a_phone_nothing_is_cut_off_covered_or_too_small_to_touch(visit: Visit):
    campaign = running(items=4, page_size=2, price=10)
    person(campaign)
    page = visit(width=390, height=844)

    log_in(page)
    _fits(page)
    page.get_by_role("link", name="Look at it first").click()
    _fits(page)
    page.get_by_role("button", name="Start").click()
    for question in (1, 2):
        choose(page, question, "cow")
        page.locator(f"#question-{question} .lc-other summary").click()
    _fits(page)
    page.get_by_role("button", name="Hand in and stop").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    _fits(page)
    page.get_by_role("link", name="Earnings").first.click()
    _fits(page)


def _fits(page: Page) -> None:
    """Check that the page is no wider than the screen, and that what can be pressed is 44 pixels high."""
    wider, small = page.evaluate(
        """() => {
            const root = document.documentElement;
            const pressable = [...document.querySelectorAll("main :is(a, button, summary, input:not([type=hidden]))")];
            const small = pressable
                .filter((one) => one.checkVisibility() && !one.closest("p, td, .lc-prose"))
                .map((one) => one.closest("label") ?? one)
                .filter((one) => one.getBoundingClientRect().height < 43.5);
            return [root.scrollWidth - root.clientWidth, small.map((one) => one.outerHTML)];
        }"""
    )
    assert wider == 0
    assert small == []
