"""The admin in a real browser: a requester's way from a file to a running campaign, a reviewer's and finance's clicks.

The `page` fixture fails a test on any script's error and on anything that the page's policy blocks.
"""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from apps.campaigns.models import Campaign
from apps.ledger import queries as ledger_queries
from apps.ledger import services as ledger
from apps.members.models import Organization, Role
from apps.quality import services as quality
from apps.quality.models import Review
from tests import belt
from tests.console.house import buttons, client_of, house, registered
from tests.console.house import page as address
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"


def enter(page: Page, live_server, organization: Organization, role: Role) -> None:
    """Open the overview as a member who logged in before."""
    session = client_of(organization, role).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/")


def test_a_requester_goes_from_a_file_to_a_running_campaign(page: Page, live_server, tmp_path, settings):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    of = OrganizationFactory()
    ledger.deposit(of, amount=10_000, currency="USD", reference="bank 1")
    requester = member(of, Role.REQUESTER, email="rita@example.org")
    requester.set_password(PASSWORD)
    requester.save()
    file = tmp_path / "animals.csv"
    file.write_text("external_id,text\n" + "".join(f"a{n},Which animal says {n}?\n" for n in range(4)))

    page.goto(f"{live_server.url}/admin/datasets/dataset/add/")
    page.get_by_label("Email").fill("rita@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#id_name").fill("Animals")
    page.get_by_role("button", name="Save", exact=True).click()

    page.locator("#result_list").get_by_role("link", name="Animals", exact=True).click()
    page.get_by_role("link", name="Import a file").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#imports")).to_contain_text("waiting")
    belt.run()
    expect(page.locator("#imports")).to_contain_text("done")  # by itself: nobody loads the page again

    page.goto(f"{live_server.url}/admin/campaigns/campaign/add/")
    page.locator("#id_draft-dataset").select_option("Animals")
    page.locator("#id_draft-name").fill("Sounds")
    page.locator("#id_draft-kind").select_option("Single choice")
    page.locator("#id_draft-settings").fill("question: Which animal is it?\noptions: [cat, dog]")
    page.locator("#id_draft-guidelines").fill("Listen, then choose.")
    page.locator("#id_draft-gold_share").fill("0")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#result_list").get_by_role("link", name="Sounds", exact=True).click()
    page.get_by_role("link", name="Check and launch").click()
    expect(page.get_by_text("Cost at most")).to_be_visible()
    page.get_by_role("button", name="Launch", exact=True).click()
    belt.run()
    expect(page.locator("#progress")).to_contain_text("running")
    expect(page.locator("#progress")).to_contain_text("0 / 12")

    assert Campaign.objects.get().created_by == requester


def test_a_reviewer_sees_the_missed_gold_and_rejects_with_a_reason(page: Page, live_server):
    campaign = running(
        items=6, gold=2, gold_share=0.5, early_gold=2, page_size=4, least_gold_answers=1, redundancy=1, price=40
    )
    review = quality.review(handed_in(campaign, answer="cat", on_gold="dog"))
    enter(page, live_server, campaign.organization, Role.REVIEWER)

    page.get_by_role("link", name="Reviews waiting").click()
    page.get_by_role("row").filter(has_text=str(review.assignment.worker)).get_by_role("link").first.click()
    expect(page.get_by_text("not that").first).to_be_visible()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("A rejection needs a written reason")
    page.get_by_label("Reason").fill("Both gold answers are wrong.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("The page is decided.")).to_be_visible()

    assert Review.objects.get().verdict == "reject"


def test_finance_books_a_deposit_and_is_told_what_is_wrong_with_it_first(page: Page, live_server):
    of = OrganizationFactory()
    enter(page, live_server, of, Role.FINANCE)

    page.goto(f"{live_server.url}/admin/ledger/entry/add/")
    page.get_by_label("Amount").fill("250.005")
    page.get_by_label("Reference").fill("bank 1")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("has more decimals than USD")).to_be_visible()
    page.get_by_label("Amount").fill("250.00")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("The deposit is booked.")).to_be_visible()

    assert ledger_queries.balance(of, kind="funds", currency="USD") == 25_000


def test_no_page_is_wider_than_a_phone_or_breaks_the_policy_in_the_dark(page: Page, live_server):
    mine = house()
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark")
    enter(page, live_server, mine.organization, Role.ADMIN)
    addresses = [
        *(address(model) for model in registered().values()),
        *(address(row, "change") for row in mine.rows.values()),
        *(
            address(row, name)
            for label, row in mine.rows.items()
            for name in buttons(label)
            if name not in ("to_yaml", "report")
        ),
    ]

    for one in ["/admin/", "/admin/campaigns/campaign/add/", *addresses]:
        page.goto(f"{live_server.url}{one}", wait_until="load")
        expect(page.locator("#content")).to_be_visible()

        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{one} is {too_wide} px too wide"
