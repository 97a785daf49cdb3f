"""The admin in a real browser: a requester's way from a file to labels, a reviewer's and finance's clicks.

The `page` fixture fails a test on any script's error and on anything that the page's policy blocks.
"""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from apps.campaigns.models import Campaign
from apps.datasets.models import Dataset
from apps.ledger import queries as ledger_queries
from apps.ledger import services as ledger
from apps.members.models import Organization, Role
from apps.quality import services as quality
from apps.quality.models import Review
from apps.work import previews
from apps.work.models import Assignment
from apps.workforce.models import Channel
from tests import belt
from tests.browser.working import as_whitenoise_serves
from tests.console.house import client_of
from tests.console.house import page as address
from tests.factories import OrganizationFactory, draft, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"


def enter(page: Page, live_server, organization: Organization, role: Role) -> None:
    """Open the overview as a member who logged in before."""
    session = client_of(organization, role).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_requester_goes_from_a_file_to_labels(page: Page, live_server, tmp_path, settings, width):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    page.set_viewport_size({"width": width, "height": 900})
    of = OrganizationFactory()
    ledger.deposit(of, amount=10_000, currency="USD", reference=f"bank {width}")
    requester = member(of, Role.REQUESTER, email="rita@example.org")
    requester.set_password(PASSWORD)
    requester.save()
    file = tmp_path / "animals.csv"
    file.write_text("external_id,text\n" + "".join(f"a{n},Which animal says {n}?\n" for n in range(4)))

    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Email").fill("rita@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Make a dataset").click()
    page.locator("#id_name").fill("Animals")
    page.get_by_role("button", name="Save", exact=True).click()

    dataset = Dataset.objects.get()
    expect(page).to_have_url(f"{live_server.url}{address(dataset, 'upload')}")  # an empty dataset wants a file
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#imports")).to_contain_text("waiting")
    belt.run()
    expect(page.locator("#imports")).to_contain_text("done")  # by itself: nobody loads the page again

    make_in_steps(page, live_server)
    page.get_by_role("button", name="Launch", exact=True).click()
    belt.run()
    campaign = Campaign.objects.get()
    expect(page.locator("#progress")).to_contain_text("running")
    expect(page.locator("a[href$='/labels/']").first).to_be_attached()  # its buttons are those of its state
    expect(page.locator("#progress")).to_contain_text("0 / 12")
    for _ in range(3):
        handed_in(campaign)
    quality.combine(campaign)
    expect(page.locator("#progress")).to_contain_text("12 / 12")  # by itself, within some seconds
    expect(page.locator("#behind")).to_contain_text("Agreement for each label")

    page.goto(f"{live_server.url}{address(campaign, 'labels')}")
    page.get_by_label("Format").select_option("jsonl")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_text().count('"answer":"cat"') == 4
    assert campaign.created_by == requester


def make_in_steps(page: Page, live_server) -> None:
    """Go through the steps of a campaign, as one who reads what each asks."""
    go_on = page.get_by_role("button", name="Save and go on")
    page.goto(f"{live_server.url}/admin/campaigns/campaign/add/")
    page.get_by_label("Name").fill("Sounds")
    page.get_by_label("Dataset").select_option("Animals")
    page.get_by_label("Single choice").check()
    go_on.click()
    page.get_by_label("Question").fill("Which animal is it?")
    page.get_by_label("Options").fill("cat\ndog | Dog or puppy")
    preview = page.frame_locator("iframe")
    expect(preview.get_by_text("Dog or puppy").first).to_be_visible()  # by itself, as workers will see it
    go_on.click()
    page.get_by_label("Guidelines").fill("Listen, then choose.")
    go_on.click()
    page.get_by_label("Share of gold questions").fill("0")
    page.get_by_label("Among a worker's first ten").fill("0")
    go_on.click()
    expect(page.get_by_role("heading", name="Suggestions")).to_be_visible()
    go_on.click()
    expect(page.get_by_label("Answers for each item")).to_have_value("3")
    go_on.click()
    page.get_by_label("Price of a page").fill("0.25")
    page.get_by_label("Budget").fill("50.00")
    go_on.click()
    page.get_by_label("our own pool").check()
    go_on.click()
    expect(page.get_by_text("Cost at most")).to_be_visible()


def test_numbers_go_on_and_what_is_walked_by_keyboard_stays_until_it_is_left(page: Page, live_server):
    campaign = running(items=4, redundancy=3, page_size=4)
    quality.review(handed_in(campaign))
    quality.combine(campaign)
    enter(page, live_server, campaign.organization, Role.ADMIN)
    page.goto(f"{live_server.url}{address(campaign, 'change')}")
    reviews, worker = page.locator("#reviews-waiting"), page.locator("#behind a[href*=worker]")
    expect(worker).to_have_count(1)

    page.keyboard.press("Tab")  # from here on the browser shows where its focus is
    worker.focus()
    handed_in(campaign)
    quality.combine(campaign)
    expect(page.locator("#progress")).to_contain_text("8 / 12")
    page.wait_for_timeout(2_500)  # longer than the page waits between two looks
    expect(worker).to_be_focused()
    expect(worker).to_have_count(1)
    reviews.focus()
    expect(worker).to_have_count(2)
    handed_in(campaign)
    expect(page.locator("#progress")).to_contain_text("12 / 12")

    expect(reviews).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_is_previewed_in_a_frame_without_cookies_with_all_its_controls(visit, live_server, scripts):
    campaign = running(items=3, page_size=2)
    user = member(campaign.organization, Role.REQUESTER)
    page = visit(user=user, scripts=scripts)
    page.route("**/static/**", as_whitenoise_serves)
    page.goto(f"{live_server.url}{address(campaign, 'framed')}")
    frame = page.frame_locator("iframe")
    if not scripts:  # the admin around the frame needs them, the page in it does not
        page.goto(f"{live_server.url}/work/preview/{previews.sign(campaign)}/")
        frame = page
    said = frame.get_by_role("status").filter(has_text="nothing is handed in, extended or given back")
    expect(frame.get_by_text("Nothing you do here is kept or sent.")).to_be_visible()

    for name in ("More time", "Hand in and stop", "Hand in and go on"):
        for question in frame.locator(".lc-place").all():
            question.get_by_label("cat").check()
        frame.get_by_role("button", name=name).click()
        expect(said).to_be_visible()
    frame.get_by_text("Skip, comment, or report a problem").first.click()
    expect(frame.get_by_label("Skip it").first).to_be_visible()
    frame.get_by_text("Give this page back").click()
    frame.get_by_role("button", name="Give back without answers").click()

    expect(said).to_be_visible()
    assert not Assignment.objects.exists()


def test_a_preview_has_a_clock_and_the_keys_and_leaves_nothing_in_the_browser(visit):
    campaign = running(items=3, page_size=2)
    page = visit(at=f"/work/preview/{previews.sign(campaign)}/")

    expect(page.locator("#clock")).to_have_text(re.compile(r"^[\d:]+$"))
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    expect(page.locator("#done")).to_have_text("2 of 2 done")
    page.keyboard.press("Tab")  # out of the note
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("nothing is handed in")
    page.keyboard.press("t")

    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]") == [[], []]
    page.reload()  # nothing warns of what is left behind
    expect(page.locator("#done")).to_have_text("0 of 2 done")


def test_a_preview_of_a_markets_slot_checks_the_answers_and_hands_nothing_in(visit):
    campaign = draft(items=2, page_size=1, channel=Channel.MTURK)
    page = visit(at=f"/work/preview/{previews.sign(campaign)}/")

    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="This page is not handed in yet")).to_be_visible()
    page.get_by_label("cat").check()
    page.get_by_role("button", name="Hand in").click()

    expect(page.locator("#said")).to_contain_text("nothing is handed in")
    assert not Assignment.objects.exists()


def test_a_reviewer_decides_by_keys_and_the_next_page_opens(page: Page, live_server):
    campaign = running(
        items=8, gold=2, gold_share=0.5, early_gold=2, page_size=4, least_gold_answers=1, redundancy=2, price=40
    )
    first, second = (quality.review(handed_in(campaign, answer="cat", on_gold="dog")) for _ in range(2))
    enter(page, live_server, campaign.organization, Role.REVIEWER)

    page.goto(f"{live_server.url}{address(first, 'change')}")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Reason")).to_be_focused()
    page.keyboard.type("Both gold answers are wrong.")
    page.keyboard.press("Tab")
    page.keyboard.press("r")
    expect(page).to_have_url(f"{live_server.url}{address(second, 'change')}")
    keys, close = page.locator("#keys-button"), page.get_by_role("button", name="Close")
    keys.click()
    page.get_by_label("Single keys act on this page").uncheck()
    close.click()
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("a")
    keys.click()
    expect(page.get_by_label("Single keys act on this page")).not_to_be_checked()
    page.get_by_label("Single keys act on this page").check()
    close.click()
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', repeat: true}))")
    assert page.url.endswith(address(second, "change"))
    page.keyboard.press("a")
    expect(page.get_by_text("1 page is paid in 2 minutes.")).to_be_visible()

    assert dict(Review.objects.values_list("pk", "asked")) == {first.pk: "", second.pk: "approve"}


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
    page.get_by_role("textbox", name="Reason").fill("Both gold answers are wrong.")
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
