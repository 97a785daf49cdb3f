"""A requester makes and launches a campaign, and a reviewer corrects a label, without ever touching a pointer."""

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.campaigns.models import Campaign
from apps.ledger import services as ledger
from apps.members.models import Role, User
from apps.quality import services as quality
from apps.quality.models import Adjudication, Consensus
from tests.browser.test_console import PASSWORD
from tests.console.house import page as address
from tests.factories import DatasetFactory, ItemFactory, OrganizationFactory, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)
FURTHEST = 120  # controls on a page, its frame's included


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the control has the focus, as who has no pointer does."""
    expect(wanted).to_be_visible()
    for _ in range(FURTHEST):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the Tab key")


def type_into(page: Page, label: str, text: str) -> None:
    """Go to the control of this label and replace what is in it."""
    reach(page, page.get_by_label(label))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def go_on(page: Page) -> None:
    reach(page, page.get_by_role("button", name="Save and go on"))
    page.keyboard.press("Enter")


def at(page: Page, title: str) -> None:
    """Wait for the step of this title."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def press(page: Page, wanted: Locator) -> None:
    """Go to a link or button, and press it."""
    reach(page, wanted)
    page.keyboard.press("Enter")


def log_in(page: Page, live_server, user: User) -> None:
    """Type the address of the site's office, which is the last one that is typed, and log in."""
    user.set_password(PASSWORD)
    user.save()
    page.goto(f"{live_server.url}/admin/")
    type_into(page, "Email", user.email)
    type_into(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_attached()


def open_list(page: Page, name: str, *, width: int) -> None:
    """Go to a list by the menu, which a phone opens first."""
    if width < 600:
        press(page, page.get_by_role("button", name="Menu", exact=True))
    press(page, page.locator("#nav-sidebar").get_by_role("link", name=name, exact=True))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_campaign_is_made_and_launched_by_the_keyboard_alone(page: Page, live_server, width):
    page.set_viewport_size({"width": width, "height": 844})
    dataset = DatasetFactory(name="Animals")
    for n in range(3):
        ItemFactory(dataset=dataset, external_id=f"a{n}", data={"text": f"Which animal says {n}?"})
    ledger.deposit(dataset.organization, amount=10_000, currency="USD", reference="bank")

    log_in(page, live_server, member(dataset.organization, Role.REQUESTER, email="rita@example.org"))
    open_list(page, "Campaigns", width=width)
    press(page, page.get_by_role("link", name="Add campaign").first)
    type_into(page, "Name", "Sounds")
    reach(page, page.get_by_label("Dataset"))
    page.keyboard.type("Anim")
    reach(page, page.locator("input[name=kind]").first)
    while not page.locator("input[name=kind][value=single_choice]").is_checked():
        page.keyboard.press("ArrowDown")
    go_on(page)
    at(page, "Labels")
    type_into(page, "Question", "Which animal is it?")
    type_into(page, "Options", "cat\ndog")
    go_on(page)
    at(page, "Guidelines")
    type_into(page, "Guidelines", "Listen, then choose.")
    go_on(page)
    at(page, "Gold")
    type_into(page, "Share of gold questions", "0")
    type_into(page, "Among a worker's first ten", "0")
    go_on(page)
    at(page, "Suggestions")
    go_on(page)
    at(page, "Quality")
    go_on(page)
    at(page, "Pay")
    type_into(page, "Price of a page", "0.25")
    type_into(page, "Budget", "50.00")
    go_on(page)
    at(page, "Workers")
    go_on(page)
    reach(page, page.get_by_role("button", name="Launch", exact=True))
    page.keyboard.press("Enter")

    expect(page.get_by_text("The campaign is launching.")).to_be_visible()
    assert Campaign.objects.get(name="Sounds").state == "launching"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_reviewer_corrects_an_answer_by_keys_and_comes_back_to_the_review(page: Page, live_server, width):
    page.set_viewport_size({"width": width, "height": 844})
    campaign = running(items=4, redundancy=1, page_size=4)
    review = quality.review(handed_in(campaign, answer="cat"))
    review.__class__.objects.filter(pk=review.pk).update(proposal="reject")
    quality.combine(campaign)
    second = review.assignment.places.order_by("position")[1]

    log_in(page, live_server, member(campaign.organization, Role.REVIEWER, email="rolf@example.org"))
    open_list(page, "Reviews", width=width)
    press(page, page.get_by_role("link", name=str(review.assignment.worker)))
    page.wait_for_url(f"{live_server.url}{address(review, 'change')}", wait_until="load")
    for key in ("j", "j", "c"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Your word")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_label("dog").first).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(f"{live_server.url}{address(review, 'change')}#task-{second.task_id}")

    said = Adjudication.objects.get()
    assert (said.task_id, said.answer) == (second.task_id, "dog")
    assert Consensus.objects.get(task=second.task_id).method == "adjudicated"
    expect(page.locator(f"#task-{second.task_id}")).to_contain_text("settled by")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_can_be_done_with_a_campaign_is_opened_left_and_chosen_by_keys(page: Page, live_server, width):
    page.set_viewport_size({"width": width, "height": 844})
    campaign = running(items=4)
    log_in(page, live_server, member(campaign.organization, Role.REQUESTER, email="rita@example.org"))

    press(page, page.locator("#content").get_by_role("link", name=campaign.name, exact=True))
    if width < 1024:
        press(page, page.get_by_role("button", name="Actions"))
    press(page, page.get_by_role("button", name="More"))
    expect(page.get_by_role("link", name="Preview")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Preview")).to_be_hidden()
    expect(page.get_by_role("button", name="More")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("link", name="Preview")).to_be_focused()
    press(page, page.get_by_role("link", name="Change answers or price"))

    expect(page.get_by_label("Answers for each item")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_who_is_done_logs_out_by_keys(page: Page, live_server, width):
    page.set_viewport_size({"width": width, "height": 844})
    somebody = member(OrganizationFactory(), Role.REQUESTER, email="rita@example.org")
    log_in(page, live_server, somebody)

    if width < 600:
        press(page, page.get_by_role("button", name="Menu", exact=True))
    press(page, page.locator("#nav-sidebar [role=button]").filter(has_text="rita@example.org"))
    press(page, page.get_by_role("button", name="Log out"))

    expect(page.get_by_role("heading", name="Overview")).to_be_hidden()
    assert page.request.get(f"{live_server.url}/admin/").url != f"{live_server.url}/admin/"


def test_the_menu_is_skipped_by_one_key_and_left_on_a_phone_by_another(page: Page, live_server):
    log_in(page, live_server, member(OrganizationFactory(), Role.REQUESTER, email="rita@example.org"))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip the menu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 844})
    press(page, page.get_by_role("button", name="Menu", exact=True))
    expect(page.get_by_role("button", name="Close the menu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_focused()
