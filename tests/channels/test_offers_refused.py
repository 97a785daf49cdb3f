"""An offer that its market refuses halts its campaign: who makes campaigns sees it on the first page, and is told."""

import pytest

from apps.channels.models import Publication
from apps.members.models import Role
from apps.pipeline import flow, market_again, schedule
from tests import belt
from tests.channels.market import looked_at, offered
from tests.channels.test_refusals_and_late_payments import refusing
from tests.console.house import client
from tests.factories import member

pytestmark = pytest.mark.django_db
CARD, SUBJECT = "Refused by a market", "is refused by mturk"


@pytest.fixture
def halted(market):
    """Return a campaign whose offers its market has refused."""
    campaign = offered(items=30, page_size=1, redundancy=1)
    flow.launch(campaign)
    refusing(market, "CreateHIT")
    belt.run()
    assert {row.state for row in Publication.objects.all()} == {"refused"}
    return campaign


def told(mailoutbox):
    for _ in range(2):
        schedule.tell_of_refused_offers()
        belt.run()
    return [each for each in mailoutbox if SUBJECT in each.subject]


def test_who_makes_campaigns_gets_one_mail_with_the_reason(halted, mailoutbox):
    requester = member(halted.organization, Role.REQUESTER, email="rita@example.org")
    member(halted.organization, Role.FINANCE)

    (mail,) = told(mailoutbox)

    assert mail.to == [requester.email]
    assert "NoSuchThing" in mail.body
    assert f"/admin/campaigns/campaign/{halted.pk}/change/" in mail.body


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.FINANCE, Role.ADMIN])
def test_the_first_page_says_it_to_who_sees_offers_until_it_is_mended(halted, market, role):
    browser = client(member(halted.organization, role))
    before = browser.get("/admin/").content.decode()

    market.reopen()
    market_again.offer_again(halted)
    looked_at()

    assert CARD in before
    assert "state__exact=refused" in before
    assert Publication.objects.filter(state="live").exists()
    assert CARD not in browser.get("/admin/").content.decode()


def test_of_a_campaign_that_was_stopped_nothing_is_said(halted, mailoutbox):
    requester = member(halted.organization, Role.REQUESTER)
    flow.stop(halted, by=requester)
    looked_at()

    assert told(mailoutbox) == []
    assert CARD not in client(requester).get("/admin/").content.decode()


def test_nobody_elses_campaign_is_counted_or_told(halted, mailoutbox):
    stranger = member(offered().organization, Role.REQUESTER)

    assert all(stranger.email not in each.to for each in told(mailoutbox))
    assert CARD not in client(stranger).get("/admin/").content.decode()


def test_refused_again_after_it_was_offered_again_it_is_told_again(halted, mailoutbox):
    member(halted.organization, Role.REQUESTER)
    first = len(told(mailoutbox))

    market_again.offer_again(halted)
    looked_at()

    assert (first, len(told(mailoutbox))) == (1, 2)
