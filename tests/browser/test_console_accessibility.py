"""What requesters get of ours breaks no rule that axe knows (WCAG 2.2 A and AA); the frame around it is unfold's."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from apps.members.models import Role
from apps.quality import services as quality
from tests.browser.test_accessibility import AXE, LOOKS
from tests.console.house import client_of
from tests.console.house import page as address
from tests.factories import CHOICE, draft
from tests.running import handed_in, running

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not AXE.exists(), reason="axe is not installed in infra/web: run `make scripts`"),
]
STEPS = ("data", "labels", "guidelines", "gold", "quality", "pay", "who")
RUN = """async () => {
    const rules = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } };
    const found = await axe.run({ include: [[".console-page"]] }, { ...rules, iframes: false });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}"""


def test_the_pages_of_making_and_watching_a_campaign(browser: Browser, live_server):
    campaign = running(items=6, gold=1, redundancy=2, page_size=3)
    made = draft(items=3, settings=CHOICE, dataset__organization=campaign.organization)
    reviews = [quality.review(handed_in(campaign)) for _ in range(2)]
    quality.combine(campaign)
    session = client_of(campaign.organization, Role.ADMIN).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(locale="en", bypass_csp=True, reduced_motion="reduce")  # the policy lets no axe in
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    addresses = [
        "/admin/", "/admin/campaigns/campaign/add/", address(reviews[0], "change"),
        *(address(made, f"setup_{step}") for step in STEPS),
        *(address(made, name) for name in ("launch", "answer", "framed")),
        *(address(campaign, name) for name in ("change", "task", "broken", "labels")),
    ]  # fmt: skip
    found = {}

    for one in addresses:
        page.goto(f"{live_server.url}{one}")
        expect(page.locator(".console-page").first).to_be_visible()
        page.evaluate(AXE.read_text())
        for width, theme in (LOOKS[0], LOOKS[-1]):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=theme)
            found[one, width, theme] = page.evaluate(RUN)
    context.close()

    assert {where: broken for where, broken in found.items() if broken} == {}
