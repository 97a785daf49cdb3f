"""A requester's own page in a preview: it can be tried, also its own button, and says plainly that nothing is sent."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from apps.campaigns.models import Campaign
from apps.members.models import Role
from apps.work import previews
from apps.work.models import Assignment
from tests.browser.working import Visit, as_whitenoise_serves
from tests.console.house import page as address
from tests.factories import draft, member

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/HTMLQuestion.xsd"
FORM = """<form method="post" action="https://www.mturk.com/mturk/externalSubmit"><h1>Is this an owl?</h1>
<input type="hidden" name="assignmentId" value="%s"><label><input type="checkbox" name="owl"> An owl</label>
<button>Submit</button></form>"""
AS_GIVEN = """<script>document.querySelector("[name=assignmentId]").value =
new URLSearchParams(location.search).get("assignmentId")</script>"""


def asking(form: str) -> Campaign:
    content = f"<HTMLContent><![CDATA[{form}]]></HTMLContent><FrameHeight>450</FrameHeight>"
    own = {"question": f'<HTMLQuestion xmlns="{SCHEMA}">{content}</HTMLQuestion>'}
    return draft(items=1, page_size=1, kind="external_question", settings={"question": "Look"}, data=own)


def tried(frame: FrameLocator) -> None:
    frame.get_by_label("An owl").check()
    frame.get_by_role("button", name="Submit").click()


def test_in_the_admin_it_is_seen_and_its_button_says_that_nothing_was_sent(visit: Visit, live_server):
    campaign = asking(FORM % "" + AS_GIVEN)
    page = visit(user=member(campaign.organization, Role.REQUESTER))
    page.route("**/static/**", as_whitenoise_serves)
    page.goto(f"{live_server.url}{address(campaign, 'framed')}")
    inner = page.frame_locator("iframe").frame_locator("iframe")

    expect(inner.get_by_role("heading", name="Is this an owl?")).to_be_visible()
    tried(inner)

    expect(inner.get_by_role("status")).to_contain_text("Nothing was sent")
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_that_hands_over_whatever_it_is_told_is_answered_by_the_page_around_it(visit: Visit, width):
    campaign = asking(FORM % ("0" * 32))
    page: Page = visit(at=f"/work/preview/{previews.sign(campaign)}/", width=width)
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.url) if asked.method == "POST" else None)

    tried(page.frame_locator("#frame"))

    expect(page.get_by_role("alert")).to_contain_text("This is a preview: nothing is handed in")
    expect(page.get_by_role("button", name="Hand in again")).to_be_hidden()
    page.get_by_role("button", name="Show the page again").click()
    expect(page.frame_locator("#frame").get_by_label("An owl")).not_to_be_checked()
    assert [url for url in posted if "/preview/" in url] == []
