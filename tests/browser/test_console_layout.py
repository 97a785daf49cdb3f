"""The admin's pages fit where they are shown: nothing is cut off, wrapped beside its box, or named twice."""

import pytest
from playwright.sync_api import Locator, expect

from apps.members.models import Role
from apps.quality import services as quality
from apps.work import previews
from tests.browser.hands import Touch
from tests.browser.working import Visit
from tests.console.house import page as address
from tests.factories import draft, member
from tests.running import handed_in, launched, running

pytestmark = pytest.mark.django_db(transaction=True)

# How high each text of a drawing is on the screen, in pixels, turned or not.
HEIGHTS = """texts => texts.map((one) => {
    const { a, b } = one.getScreenCTM();
    return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(a, b);
})"""


def box(one: Locator) -> dict[str, float]:
    found = one.bounding_box()
    assert found
    return dict(found)


def test_campaigns_under_way_fit_a_phone_whatever_their_size(visit: Visit):
    campaign = launched(items=2)
    page = visit(user=member(campaign.organization, Role.REQUESTER), at="/admin/", **Touch.device)
    table = page.locator(".console-wide")
    figures = table.locator(".console-amount")
    figures.evaluate("one => { one.textContent = '75,060 / 75,060'; }")
    page.evaluate("document.querySelector('td.console-number').textContent = '7,506 / 7,506'")

    assert table.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    assert figures.evaluate("one => one.getClientRects().length") == 1


def test_the_words_of_a_box_to_tick_stand_beside_it_on_every_line(visit: Visit):
    campaign = draft(items=2)
    at = f"{address(campaign, 'answer')}?keep=1"
    page = visit(user=member(campaign.organization, Role.REQUESTER), at=at, **Touch.device)
    label = page.locator("label", has_text="It teaches")

    words = label.evaluate(
        "one => { const range = document.createRange(); range.selectNodeContents(one.lastChild);"
        " return [...range.getClientRects()].map(({ left, width }) => (width > 1 ? left : Infinity)); }"
    )
    tick = box(label.locator("input"))
    assert len(words) > 1
    assert min(words) >= tick["x"] + tick["width"]


def test_a_history_names_its_columns_once_on_a_desk_and_in_each_cell_on_a_phone(visit: Visit):
    campaign = draft(items=1, name="Owls")
    user = member(campaign.organization, Role.REQUESTER)
    page = visit(user=user, at=address(campaign, "clone"))
    page.get_by_role("button", name="Make a draft").click()
    page.goto(f"{page.url.partition('/admin/')[0]}{address(campaign, 'history')}")
    cell = page.locator("[data-label]").first
    named = "one => getComputedStyle(one, '::before').display"

    expect(cell).to_be_visible()
    assert cell.evaluate(named) == "none"
    page.set_viewport_size({"width": 390, "height": 844})
    assert cell.evaluate(named) != "none"


def test_a_workers_menu_stands_on_one_line_on_the_smallest_phone(visit: Visit):
    page = visit(at=f"/work/preview/{previews.sign(draft(items=1, page_size=1))}/", **Touch.device | {"width": 345})
    links = page.locator(".lc-nav :is(a, button)")

    assert links.count() == 4
    assert len({round(box(links.nth(n))["y"]) for n in range(4)}) == 1


def test_what_is_written_in_a_chart_can_be_read_on_a_phone(visit: Visit):
    campaign = running(items=6, redundancy=2, page_size=6)
    for _ in range(2):
        handed_in(campaign)
    quality.combine(campaign, whole=True)
    page = visit(user=member(campaign.organization, Role.REQUESTER), at=address(campaign, "quality"), **Touch.device)

    heights = page.locator(".drawing text").evaluate_all(HEIGHTS)

    assert len(heights) > 5
    assert min(heights) >= 12
