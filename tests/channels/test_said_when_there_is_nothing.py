"""The shell says something of a market also where there is nothing to list: silence would be any of several things."""

import pytest

from apps.channels.models import Publication
from tests.channels.market import launched, looked_at, worked
from tests.console.test_commands import said
from tests.factories import UserFactory, member
from tests.running import running

pytestmark = pytest.mark.django_db


def test_a_top_up_of_nobody_says_so(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    worked(market)
    boss = member(campaign.organization)

    told = [
        said("mturk", "top-up", campaign.name, hourly="0.01", **who) for who in ({"dry_run": True}, {"by": boss.email})
    ]

    assert (
        told == [f"nobody's approved work in {campaign.name} falls short of the wage: there is nothing to top up\n"] * 2
    )


def test_a_message_says_whether_it_reached_everybody_or_there_was_nobody(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    message = {"subject": "Thank you", "text": "There is more."}
    assert said("mturk", "notify", campaign.name, **message) == (
        f"nobody is written to: the market has seen nobody's work of {campaign.name} yet\n"
    )
    worker = market.worker()
    worker.user = UserFactory()
    worker.save()
    worked(market, worker)

    told = said("mturk", "notify", campaign.name, **message)

    assert told == f"everybody whose work of {campaign.name} the market has seen has got the message\n"


def test_the_status_of_what_is_all_over_or_was_never_offered_says_so(market):
    never = running(items=1, page_size=1)
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    worked(market)
    assert "slots handed in" in said("mturk", "status", campaign.name)
    said("mturk", "stop", campaign.name)
    for _ in range(5):
        looked_at()

    told = said("mturk", "status", campaign.name)

    count = Publication.objects.filter(campaign=campaign, state="disposed").count()
    assert told == f"nothing of {campaign.name} is at the market any more: its {count} offers are over and deleted\n"
    assert said("mturk", "status", never.name) == f"nothing of {never.name} was offered at the market yet\n"
