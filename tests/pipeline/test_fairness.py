"""What the preflight says about those who work: their pay, their time and what they must see or hear."""

import pytest

from apps.campaigns.models import PayPolicy
from apps.pipeline import preflight
from tests.factories import ItemFactory, draft

pytestmark = pytest.mark.django_db


def found(campaign, severity: str) -> str:
    return "\n".join(one.sentence for one in preflight.check(campaign) if one.severity == severity)


def tried(**values):
    """Return a draft whose questions took six seconds: 120 pages of five an hour."""
    return draft(seconds_tried=6.0, page_size=5, **values)


def test_what_an_hour_pays_is_told_once_somebody_tried():
    assert "earns 12.00 USD an hour" in found(tried(price=10), "note")
    assert "what an hour pays is not known" in found(draft(price=10), "note")


@pytest.mark.parametrize(("hourly", "blocks"), [(1200, False), (1201, True)])
def test_pay_below_the_policy_blocks_and_pay_as_it_says_does_not(hourly, blocks):
    campaign = tried(price=10)
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=hourly)
    PayPolicy.objects.create(organization=campaign.organization, currency="EUR", hourly=9_999)

    assert ("pays at least 12.01 USD" in found(campaign, "block")) == blocks


def test_pay_of_which_nobody_knows_what_an_hour_brings_blocks_where_there_is_a_policy():
    campaign = draft(price=10)
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=1200)

    assert "at least 12.00 USD: do five questions yourself" in found(campaign, "block")
    assert "what an hour pays" not in found(draft(price=0), "block")


def test_a_simulated_crowd_needs_no_wage():
    campaign = tried(price=1, channel="simulated")
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=1200)

    assert "an hour pays" not in found(campaign, "block")


def test_too_little_time_for_a_page_is_told():
    assert "a page takes about 30 seconds, and workers have 60" in found(tried(lease_seconds=60), "note")
    assert "a page takes about" not in found(tried(lease_seconds=600), "note")


def test_who_must_see_or_hear_is_to_be_told_so_before_a_launch():
    campaign = draft(items=0)
    ItemFactory(dataset=campaign.dataset, data={"picture": {"media": "a.png"}, "call": {"media": "a.mp3", "alt": "a"}})

    blocks = found(campaign, "block")
    assert "items are pictures, but workers are not told that it needs sight" in blocks
    assert "items are sounds, but workers are not told that it needs hearing" in blocks
    assert "1 of the pictures have no text" in found(campaign, "note")

    campaign.senses = ["sight", "hearing"]
    assert "not told" not in found(campaign, "block")
    assert "accessibility statement: workers are told that it needs sight, hearing" in found(campaign, "note")


def test_pictures_that_all_have_words_and_texts_need_no_sense():
    campaign = draft(items=1)
    ItemFactory(dataset=campaign.dataset, data={"picture": {"media": "a.png", "alt": "a grey cat"}})

    assert "not told" not in found(campaign, "block")
    assert "accessibility statement: it needs no sense in particular" in found(campaign, "note")


def test_what_no_worker_sees_and_a_simulated_crowd_need_no_statement():
    for values in ({"show": ["text"]}, {"channel": "simulated"}):
        campaign = draft(items=1, **values)
        ItemFactory(dataset=campaign.dataset, data={"text": "a", "picture": {"media": "a.png"}})

        assert "accessibility statement lacks" not in found(campaign, "block")
