"""Light, dark, or as the device says: chosen by keyboard alone, kept, and there before anything is drawn."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Keyboard
from tests.browser.working import Visit, person
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)
# The theme at the moment in which there is a body, before which nothing can be drawn.
WATCH = """new MutationObserver(() => {
    if (document.body && window.themeAtFirst === undefined) {
        window.themeAtFirst = document.documentElement.dataset.theme ?? "";
    }
}).observe(document, { childList: true, subtree: true });"""
LIGHT, DARK = "rgb(245, 245, 241)", "rgb(18, 20, 28)"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def choose(page: Page, key: str) -> None:
    Keyboard().come_to(page.locator("#theme"))
    page.keyboard.press(key)


def test_a_theme_is_chosen_by_keyboard_kept_and_never_flashes(visit: Visit):
    campaign = running(items=2, page_size=2)
    page = visit(user=person(campaign), at="/work/", color_scheme="light")
    site = page.url.removesuffix("/work/")
    page.add_init_script(WATCH)
    other = page.context.new_page()
    other.goto(page.url)
    assert background(page) == LIGHT

    choose(page, "End")  # dark is the last one
    assert background(page) == DARK
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")

    for address in ("/work/account/", f"/work/{campaign.pk}/", "/accounts/2fa/", "/api/v1/docs/"):
        page.goto(f"{site}{address}")
        assert (page.evaluate("window.themeAtFirst"), background(page)) == ("dark", DARK), address
        expect(page.locator("#theme")).to_have_value("dark")


def test_as_the_device_says_follows_the_device_again(visit: Visit):
    campaign = running(items=2, page_size=2)
    page = visit(user=person(campaign), at="/work/", color_scheme="dark")

    choose(page, "ArrowDown")  # light
    assert background(page) == LIGHT
    page.reload()
    assert background(page) == LIGHT
    choose(page, "Home")
    assert background(page) == DARK
    page.emulate_media(color_scheme="light")
    assert background(page) == LIGHT
    page.reload()
    expect(page.locator("#theme")).to_have_value("")
