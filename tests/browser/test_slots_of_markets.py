"""A campaign on a market, worked on in the market's own page: our page stands in its frame, which keeps no cookie."""

import boto3
import pytest
from playwright.sync_api import expect

from apps.channels.models import Claim
from apps.channels.mturk import channel
from apps.members.models import User
from apps.turkapi.services import keys
from apps.work.models import Judgment
from apps.workforce.models import Worker
from tests.browser.working import PASSWORD
from tests.channels.market import launched, looked_at
from tests.turkapi import over_boto3

pytestmark = pytest.mark.django_db(transaction=True)
# Whether nothing lies over an option that was scrolled to, at the lower edge of what is seen.
IS_SEEN = """radio => {
    const element = radio.closest("label");
    scrollBy({top: element.getBoundingClientRect().bottom - innerHeight, behavior: "instant"});
    const at = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2));
}"""


@pytest.fixture
def reached(settings, monkeypatch, live_server):
    """Return the requester at a market that this site itself is, over real HTTP."""
    user = over_boto3.requester(funds=100_000)
    key, secret = keys.make(over_boto3.organization_of(user), user=user)
    for name, value in {
        "AWS_ENDPOINT_URL_MTURK": f"{live_server.url}/mturk/", "AWS_ACCESS_KEY_ID": key.pk,
        "AWS_SECRET_ACCESS_KEY": secret,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.MTURK_FEES, settings.MTURK_RATE = [0, 0, 0, 0, 0], [1000, 1000]
    settings.MARKET_LAG_SECONDS = 0
    settings.MARKET_ORIGINS = [live_server.url]
    # Another host than the one that shows it, as markets are: so its scripts are of its own origin in the frame.
    settings.PUBLIC_URL = live_server.url.replace("localhost", "127.0.0.1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    channel.channel.cache_clear()
    yield user
    channel.channel.cache_clear()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_slot_is_worked_on_in_the_markets_frame_and_handed_in_here_and_there(reached, visit, width, scheme):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    person = User.objects.create_user("wanda@example.org", PASSWORD, name="Wanda")
    Worker.objects.create(organization=over_boto3.organization_of(reached), user=person, external_id="wanda")

    page = visit(user=person, at="/work/", width=width, color_scheme=scheme)
    page.get_by_role("button", name="Start").click()
    frame = page.frame_locator("#frame")
    expect(page.locator("#frame")).to_have_attribute("height", "800")
    page.locator("#frame").evaluate("frame => frame.height = 400")  # a market that does as it likes
    expect(frame.get_by_role("radio")).to_have_count(6)
    assert all(radio.evaluate(IS_SEEN) for radio in frame.get_by_role("radio").all())
    assert frame.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")
    for question in (1, 2):
        frame.locator(f"#question-{question}").get_by_role("radio", name="dog").check()
    frame.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    looked_at()

    assert list(Judgment.objects.filter(campaign=campaign).values_list("answer", flat=True)) == ["dog", "dog"]
    assert Claim.objects.get().verdict == "approved"
