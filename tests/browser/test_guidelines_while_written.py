"""Guidelines are shown as workers will read them while they are written, and nothing of it is kept."""

import pytest
from playwright.sync_api import expect

from apps.campaigns import services
from apps.campaigns.models import Campaign
from apps.members.models import Role
from tests.browser.working import Visit
from tests.console.house import client_of
from tests.console.house import page as address
from tests.factories import ItemFactory, draft, member
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)
WRITTEN = "## In doubt\n\n- ✓ Choose **cat**\n\n<img src=x onerror=alert(1)>\n\n[look](javascript:alert(1))"


def begun() -> Campaign:
    """Return a campaign whose guidelines are still to be written."""
    dataset = ItemFactory().dataset
    return services.begin(dataset, name="Animals", kind="single_choice")


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (390, False)])
def test_what_is_typed_is_read_beside_on_a_desk_and_below_on_a_phone(visit: Visit, width, beside):
    campaign = begun()
    page = visit(
        user=member(campaign.organization, Role.REQUESTER), at=address(campaign, "setup_guidelines"), width=width
    )
    read = page.frame_locator("iframe[name=preview]")
    expect(read.get_by_text("Nothing is written yet")).to_be_visible()

    page.get_by_label("Guidelines").fill(WRITTEN)

    expect(read.get_by_role("heading", name="In doubt")).to_be_visible()  # by itself
    expect(read.locator("li.lc-yes strong")).to_have_text("cat")
    typed, shown = (page.locator(one).bounding_box() for one in ("#id_guidelines", "iframe[name=preview]"))
    assert typed
    assert shown
    assert (shown["x"] >= typed["x"] + typed["width"]) is beside
    assert (shown["y"] >= typed["y"] + typed["height"]) is not beside


def test_without_scripts_a_button_shows_them(visit: Visit):
    campaign = begun()
    user = member(campaign.organization, Role.REQUESTER)
    page = visit(user=user, at=address(campaign, "setup_guidelines"), scripts=False)

    page.get_by_label("Guidelines").fill(WRITTEN)
    page.get_by_role("button", name="Show as workers read it").click()

    expect(page.frame_locator("iframe[name=preview]").get_by_role("heading", name="In doubt")).to_be_visible()
    expect(page.get_by_label("Guidelines")).to_have_value(WRITTEN)


def test_who_reads_their_end_goes_on_reading_there(visit: Visit):
    campaign = begun()
    user = member(campaign.organization, Role.REQUESTER)
    page = visit(user=user, at=address(campaign, "setup_guidelines"))
    lines = "\n\n".join(f"Line {n}." for n in range(80))
    read = page.frame_locator("iframe[name=preview]")
    page.get_by_label("Guidelines").fill(lines)
    read.get_by_text("Line 79.").scroll_into_view_if_needed()

    page.get_by_label("Guidelines").fill(f"{lines}\n\nThe last line.")

    expect(read.get_by_text("Line 79.")).to_be_in_viewport()
    expect(read.get_by_text("The last line.")).to_be_attached()
    expect(read.get_by_text("Line 79.")).to_be_in_viewport()


def test_what_is_only_looked_at_is_cleaned_as_for_workers_and_not_kept():
    campaign = begun()
    browser = client_of(campaign.organization, Role.REQUESTER)

    at = f"{address(campaign, 'setup_guidelines')}?read"
    said = browser.post(at, {"guidelines": WRITTEN, "language": "ar"}).content.decode()

    assert 'lang="ar"' in said
    assert "<h2>In doubt</h2>" in said
    assert "<img src=x" not in said
    assert "href=" not in said.partition("<main")[2]
    assert not campaign.guidelines.exists()
    campaign.refresh_from_db()
    assert campaign.language == ""


def test_what_was_typed_is_read_beside_it_after_a_save_that_was_refused(visit: Visit):
    campaign = begun()
    page = visit(user=member(campaign.organization, Role.REQUESTER), at=address(campaign, "setup_guidelines"))
    page.get_by_label("Guidelines").fill(WRITTEN)
    page.get_by_label("Language of the questions").fill("no language")

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("it should be a language tag")).to_be_visible()
    read = page.frame_locator("iframe[name=preview]")
    expect(read.get_by_role("heading", name="In doubt")).to_be_visible()
    assert page.locator("iframe[name=preview]").get_attribute("src") is None  # no script filled it


def test_guidelines_of_a_campaign_under_way_are_read_as_workers_will_before_they_are_published(visit: Visit):
    campaign = running(items=1)
    page = visit(
        user=member(campaign.organization, Role.REQUESTER), at=address(campaign, "publish_guidelines"), width=390
    )
    read = page.frame_locator("iframe[name=preview]")
    expect(read.get_by_text(campaign.guidelines.first().text)).to_be_visible()

    page.get_by_label("Text").fill(WRITTEN)

    expect(read.locator("li.lc-yes strong")).to_have_text("cat")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert campaign.guidelines.count() == 1
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The guidelines are published.")).to_be_visible()
    assert campaign.guidelines.first().text == WRITTEN


def test_what_is_no_question_yet_is_said_in_the_frame_too(visit: Visit):
    campaign = draft(items=1)
    page = visit(user=member(campaign.organization, Role.REQUESTER), at=address(campaign, "setup_labels"))

    page.get_by_label("Question").fill("")

    expect(page.frame_locator("iframe").get_by_role("heading", name="Not a question yet")).to_be_visible()
