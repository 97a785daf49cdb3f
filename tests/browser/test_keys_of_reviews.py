"""Keys of the review queue: each stands on what it presses, can be another one, and can be let be."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.members.models import Role
from apps.quality import services as quality
from apps.quality.models import Review
from tests.browser.working import Visit
from tests.console.house import page as address
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(visit: Visit) -> Page:
    """A reviewer at the first of two pages that wait."""
    campaign = running(
        items=8, gold=2, gold_share=0.5, early_gold=2, page_size=4, least_gold_answers=1, redundancy=2, price=40
    )
    first, _second = (quality.review(handed_in(campaign, answer="cat", on_gold="dog")) for _ in range(2))
    return visit(user=member(campaign.organization, Role.REVIEWER), at=address(first, "change"))


def button(page: Page, name: str) -> Locator:
    return page.locator("form").get_by_role("button", name=re.compile(f"^{name}"))


def hint(page: Page, action: str) -> Locator:
    """Return the key as the line above the answers tells it."""
    return page.locator(f"p [data-hint={action}]")


def chosen(page: Page, action: str, key: str) -> None:
    """Choose another key in the list of keys."""
    page.locator("#keys-button").click()
    page.locator(f"#keys .lc-key-button[data-action={action}]").click()
    page.keyboard.press(key)
    page.get_by_role("button", name="Close").click()


def test_every_button_shows_the_key_that_presses_it(page: Page):
    for name, key in (("Approve and pay", "a"), ("Reject", "r")):
        expect(button(page, name).locator("kbd")).to_have_text(key)
        expect(button(page, name)).to_have_attribute("aria-keyshortcuts", key)
    expect(page.get_by_role("link", name="Another first").locator("kbd")).to_have_text("n")
    for action, key in (("approve", "a"), ("reject", "r"), ("next", "j"), ("before", "k"), ("correct", "c")):
        expect(hint(page, action)).to_have_text(key)
    for key, answer in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator(".console-answer").nth(answer)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_another_key_is_shown_wherever_the_old_one_was_and_kept_by_the_browser(page: Page):
    here = page.url
    chosen(page, "approve", "r")
    page.locator("#keys-button").click()
    expect(page.locator("#keys [data-action=approve] kbd").first).to_have_text("a")  # r is taken
    page.get_by_role("button", name="Close").click()
    chosen(page, "approve", "y")
    page.reload()

    expect(button(page, "Approve and pay").locator("kbd")).to_have_text("y")
    expect(button(page, "Approve and pay")).to_have_attribute("aria-keyshortcuts", "y")
    expect(hint(page, "approve")).to_have_text("y")
    page.keyboard.press("a")
    assert page.url == here
    page.keyboard.press("y")
    expect(page.get_by_text("1 page is paid in 2 minutes.")).to_be_visible()
    assert sorted(Review.objects.values_list("asked", flat=True)) == ["", "approve"]

    page.locator("#keys-button").click()
    page.get_by_role("button", name="Back to the usual keys").click()
    page.get_by_role("button", name="Close").click()
    expect(hint(page, "approve")).to_have_text("a")


def test_a_finger_is_told_of_no_keys(visit: Visit, page: Page):
    touched = visit(user=member(OrganizationFactory(), Role.REVIEWER), width=390, has_touch=True, is_mobile=True)
    touched.context.add_cookies(page.context.cookies())
    touched.goto(page.url)

    expect(button(touched, "Approve and pay")).to_be_visible()
    expect(hint(touched, "approve")).to_be_hidden()
