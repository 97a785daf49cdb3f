"""What hands a page in is in sight from the first moment, whole, on a phone too; and covers nothing for good."""

import pytest
from playwright.sync_api import Locator, expect

from apps.campaigns.models import Guidelines
from tests.browser.hands import Touch
from tests.browser.working import Visit, person, sees
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)
LINES = (2, 12, 16, 20, 60)  # of guidelines: the questions begin in the window, at its lower end, and far below it


def edges(one: Locator) -> tuple[int, int]:
    """Return where it begins and ends, in pixels from the top of the window."""
    box = one.bounding_box()
    assert box
    return round(box["y"]), round(box["y"] + box["height"])


def is_whole_in_sight(one: Locator) -> bool:
    """Return whether all of it is in the window, and nothing lies over its middle."""
    begin, end = edges(one)
    middle = one.evaluate(
        "one => { const { left, top, width, height } = one.getBoundingClientRect();"
        " return one.contains(document.elementFromPoint(left + width / 2, top + height / 2)); }"
    )
    return begin >= 0 and end <= one.page.evaluate("innerHeight") and middle


@pytest.mark.parametrize("width", [390, 800])
def test_a_first_page_with_guidelines_can_be_handed_in_without_scrolling(visit: Visit, width):
    campaigns = [running(items=2, page_size=2) for _ in LINES]
    for campaign, lines in zip(campaigns, LINES, strict=True):
        text = "\n\n".join(["Choose what is largest."] * lines)
        Guidelines.objects.update_or_create(campaign=campaign, version=1, defaults={"text": text})
    user = person(campaigns[0])
    for campaign in campaigns[1:]:
        worker_of(campaign, user=user)
    page = visit(user=user, at="/work/", **Touch.device | {"width": width})
    bar, hand_in = page.locator(".lc-bar"), page.get_by_role("button", name="Hand in and go on")
    stop = page.get_by_role("button", name="Hand in and stop")

    found = []
    for campaign in campaigns:
        page.goto(f"{page.url.partition('/work/')[0]}/work/{campaign.pk}/")
        page.get_by_role("button", name="Start").tap()
        sees(page, "0 of 2 done")
        found.append((edges(bar)[1] <= Touch.device["height"], is_whole_in_sight(hand_in)))
        expect(page.get_by_text("Guidelines", exact=True).first).to_be_in_viewport()
        stop.scroll_into_view_if_needed()
        page.get_by_role("radio", name="cat").last.scroll_into_view_if_needed()
        page.mouse.wheel(0, 10_000)
        expect(stop).to_be_in_viewport(ratio=1)
        assert edges(bar)[1] <= edges(stop)[0]

    assert found == [(True, True)] * len(LINES)
