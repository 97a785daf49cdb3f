"""Every page of the admin fits a phone, keeps to its policy, and breaks no rule that axe knows, unfold's parts with it.

The `page` fixture fails the test on any script's error and on anything that a page's policy blocks. axe takes a second
for a page, and most are of the same markup: it looks at those that have some that no page before had, and at all of the
page where that is around ours. Around ours markup is told apart by its elements, and by those classes that are of ours
or of a colour, wherever they stand; how unfold arranges its own boxes makes no markup new.
"""

from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route, expect

from apps.campaigns.models import Campaign
from apps.datasets.models import Dataset
from apps.ledger.models import Closing, Entry
from apps.members.models import Membership, Role, Token
from apps.notices.models import Endpoint
from apps.payments.models import Obligation, Payout, PayoutBatch
from apps.quality import services as quality
from apps.quality.models import Review
from apps.turkapi.models import AccessKey
from apps.workforce.models import Invitation
from tests.browser.axe import breaches, source
from tests.browser.rendered import consoles, noting
from tests.browser.working import as_whitenoise_serves
from tests.console.house import buttons, client_of, house, registered
from tests.console.house import page as address
from tests.factories import CHOICE, draft, member
from tests.running import handed_in, running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
STEPS = ("data", "labels", "guidelines", "gold", "suggestions", "quality", "pay", "who")
OURS = ".console-page"  # what is around it, and lists and forms without it, are unfold's
MARKUP = """() => [...new Set([...document.querySelectorAll(".console-page *")].map(
    (one) => [one.tagName, one.className, one.type, one.role, ...one.getAttributeNames().sort()].join(" ")
))]"""
AROUND = """() => [...new Set([...document.querySelectorAll("body *")].filter(
    (one) => !one.closest(".console-page, svg, [hidden]")
).map((one) => ["around", one.tagName, one.type, one.role, ...one.getAttributeNames().sort(),
    ...[...one.classList].filter((name) => /^(console|finance)-|^(dark:)?(bg|text)-/.test(name)).sort()].join(" ")))]"""
CAPITALS = """() => [...document.querySelectorAll("#result_list :is(td, th)")].some(
    (one) => getComputedStyle(one, "::before").textTransform === "capitalize"
)"""
# The script that scrolls unfold's menu names both of its parts "scrollable content"; ours have names of their own.
UNFOLDS = {"landmark-unique": "simplebar-content-wrapper"}
FILES = ("to_yaml", "to_label_studio", "report", "file", "manifest", "reinstate")  # and what no row of the house has


def rich(mine) -> list[str]:
    """Return pages of which one row says too little: a campaign being made, one with labels, a review with answers."""
    campaign = running(items=6, gold=1, redundancy=2, page_size=3, dataset__organization=mine.organization)
    made = draft(items=3, settings=CHOICE, dataset__organization=mine.organization)
    reviews = [quality.review(handed_in(campaign)) for _ in range(2)]
    quality.combine(campaign, whole=True)
    suggested = running(
        items=12, page_size=12, redundancy=1, show=["text"], suggested_to="reviewers", suggestion_field="guess",
        suggestion_model="m-1", dataset__organization=mine.organization,
    )  # fmt: skip
    suggested.dataset.items.update(data={"text": "What is it?", "guess": "dog"})
    handed_in(suggested)
    quality.combine(suggested, whole=True)
    boss = member(mine.organization, Role.ADMIN)
    audit = quality.draw_audit(suggested, size=10, by=boss)
    judged = quality.judge(audit.tasks.earliest("pk"), truth="cow", by=boss)
    return [
        *(address(Obligation, name) for name in ("report", "export", "adjust", "exports", "add")),
        *(address(Entry, name) for name in ("add", "refund", "charge")),
        *(address(Campaign, name) for name in ("from_yaml", "from_label_studio")),
        *(
            address(model, "add")
            for model in (Dataset, Invitation, Token, Membership, AccessKey, Endpoint, PayoutBatch)
        ),
        address(Payout, "tax"),
        address(Closing, "add"),
        f"{address(Review)}?q=nobody",
        address(campaign, "history"),
        address(suggested, "change"),
        address(audit, "judge"),
        f"{address(audit, 'judge')}?task={judged.pk}",
        *(address(made, f"setup_{step}") for step in STEPS),
        *(address(made, name) for name in ("change", "launch", "answer", "framed")),
        *(address(campaign, name) for name in ("change", "task", "broken", "labels", "quality")),
        address(reviews[0], "change"),
    ]


def answers(mine, browser: Client) -> dict[str, str]:
    """Return pages that are answers to a form, which no address leads to: by addresses at which a test shows them."""
    of = {"organization": mine.organization.pk}
    boss = member(mine.organization, Role.ADMIN)
    begun = draft(items=3, settings={}, dataset__organization=mine.organization)
    waiting = mine.rows["quality.Review"]
    chosen = {"action": "reject_chosen", "_selected_action": [waiting.pk]}
    return {
        f"{where}?e={number}": browser.post(where, given, follow=True).content.decode()
        for number, (where, given) in enumerate([
            (address(Membership, "add"), {**of, "email": "new@example.org", "name": "New", "role": "finance"}),
            (address(Token, "add"), {**of, "name": "nightly", "email": boss.email, "scopes": ["read"], "days": 30}),
            (address(AccessKey, "add"), {**of, "note": "nightly"}),
            (address(begun, "setup_labels"), {"then": "preview"}),
            (address(Review), chosen),
        ])
    }  # fmt: skip


def test_every_page_of_the_admin(page: Page, live_server):
    source()
    mine = house()
    addresses = [
        "/admin/", "/admin/campaigns/campaign/add/", *rich(mine),
        *(address(model) for model in registered().values()),
        *(address(row, "change") for row in mine.rows.values()),
        *(address(row, name) for label, row in mine.rows.items() for name in buttons(label) if name not in FILES),
    ]  # fmt: skip
    browser = client_of(mine.organization, Role.ADMIN)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    found = {}
    seen: set[str] = set()

    with noting() as rendered:
        for one, html in answers(mine, browser).items():
            page.route(f"{live_server.url}{one}", partial(shown, html=html))
            addresses.append(one)
        for one in addresses:
            found[one] = looked_at(page, f"{live_server.url}{one}", seen)

    assert {where: broken for where, broken in found.items() if broken} == {}
    forgotten = sorted(consoles() - rendered.templates)
    assert forgotten == [], f"templates that none of these pages shows: {', '.join(forgotten)}"


def shown(route: Route, *, html: str) -> None:
    route.fulfill(body=html, content_type="text/html; charset=utf-8")


def looked_at(page: Page, address: str, seen: set[str]) -> list[str]:
    """Return what is wrong with a page of the admin; of what was seen before, only whether it fits."""
    framed = any(part in address for part in ("/setup/labels/", "/framed/", "/look/"))
    if framed:
        page.route("**/static/**/*.js", as_whitenoise_serves)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address, wait_until="load")
    expect(page.locator("#content, main").first).to_be_visible()
    if page.locator("#behind").count():
        expect(page.locator("#behind h2").first).to_be_visible()  # what comes by itself
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    found = [f"{too_wide} px too wide for a phone"] * (too_wide > 0)
    if page.evaluate(CAPITALS):
        found.append("names of columns whose every word begins with a capital")
    ours, around = page.evaluate(MARKUP), page.evaluate(AROUND)
    if not seen.issuperset(around):
        found += breaches(page, passed=UNFOLDS)
    elif not seen.issuperset(ours):
        found += breaches(page, within=OURS)
    seen.update(ours, around)
    if framed:
        page.wait_for_load_state("networkidle")  # its frame asks for the kind's script once it is loaded
        page.unroute_all(behavior="wait")  # what is being answered just now is
    return found
