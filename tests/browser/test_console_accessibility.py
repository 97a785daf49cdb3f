"""Every page of the admin fits a phone, keeps to its policy, and breaks no rule that axe knows, unfold's parts with it.

The `page` fixture fails the test on any script's error and on anything that a page's policy blocks. axe takes a second
for a page, and most are of the same markup: it looks at those that have some that no page before had, and at all of the
page where that is around ours.
"""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from apps.members.models import Role
from apps.quality import services as quality
from tests.browser.axe import breaches, source
from tests.browser.working import as_whitenoise_serves
from tests.console.house import buttons, client_of, house, registered
from tests.console.house import page as address
from tests.factories import CHOICE, draft
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ("data", "labels", "guidelines", "gold", "suggestions", "quality", "pay", "who")
OURS = ".console-page"  # what is around it, and lists and forms without it, are unfold's
MARKUP = """() => [...new Set([...document.querySelectorAll(".console-page *")].map(
    (one) => [one.tagName, one.className, one.type, one.role, ...one.getAttributeNames().sort()].join(" ")
))]"""
AROUND = """() => [...new Set([...document.querySelectorAll("body *")].filter(
    (one) => !one.closest(".console-page, svg, [hidden]")
).map((one) => ["around", one.tagName, one.type, one.role, ...one.getAttributeNames().sort()].join(" ")))]"""
# The script that scrolls unfold's menu names both of its parts "scrollable content"; ours have names of their own.
UNFOLDS = {"landmark-unique": "simplebar-content-wrapper"}
FILES = ("to_yaml", "to_label_studio", "report", "file", "manifest", "reinstate")  # and what no row of the house has


def rich(mine) -> list[str]:
    """Return pages of which one row says too little: a campaign being made, one with labels, a review with answers."""
    campaign = running(items=6, gold=1, redundancy=2, page_size=3, dataset__organization=mine.organization)
    made = draft(items=3, settings=CHOICE, dataset__organization=mine.organization)
    reviews = [quality.review(handed_in(campaign)) for _ in range(2)]
    quality.combine(campaign)
    return [
        *(address(made, f"setup_{step}") for step in STEPS),
        *(address(made, name) for name in ("change", "launch", "answer", "framed")),
        *(address(campaign, name) for name in ("change", "task", "broken", "labels", "quality")),
        address(reviews[0], "change"),
    ]


def test_every_page_of_the_admin(page: Page, live_server):
    source()
    mine = house()
    addresses = [
        "/admin/", "/admin/campaigns/campaign/add/", *rich(mine),
        *(address(model) for model in registered().values()),
        *(address(row, "change") for row in mine.rows.values()),
        *(address(row, name) for label, row in mine.rows.items() for name in buttons(label) if name not in FILES),
    ]  # fmt: skip
    session = client_of(mine.organization, Role.ADMIN).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    found = {}
    seen: set[str] = set()

    for one in addresses:
        framed = any(part in one for part in ("/setup/labels/", "/framed/", "/look/"))
        if framed:
            page.route("**/static/**/*.js", as_whitenoise_serves)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{live_server.url}{one}", wait_until="load")
        expect(page.locator("#content")).to_be_visible()
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[one] = [f"{too_wide} px too wide for a phone"] * (too_wide > 0)
        ours, around = page.evaluate(MARKUP), page.evaluate(AROUND)
        if not seen.issuperset(around):
            found[one] += breaches(page, passed=UNFOLDS)
        elif not seen.issuperset(ours):
            found[one] += breaches(page, within=OURS)
        seen.update(ours, around)
        if framed:
            page.wait_for_load_state("networkidle")  # its frame asks for the kind's script once it is loaded
            page.unroute_all(behavior="wait")  # what is being answered just now is

    assert {where: broken for where, broken in found.items() if broken} == {}
