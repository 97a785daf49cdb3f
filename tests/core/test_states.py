"""States change by compare-and-swap."""

import pytest

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.states import IllegalMove
from tests.factories import draft

pytestmark = pytest.mark.django_db


def test_a_row_moves_along_its_legal_moves_and_takes_values_with_it():
    campaign = draft()

    campaign.move(Campaign.State.LAUNCHING, launched_at=(now := clock.now()))

    assert Campaign.objects.values_list("state", "launched_at").get() == ("launching", now)


def test_an_illegal_move_is_refused_with_where_the_row_stands():
    with pytest.raises(IllegalMove, match="is 'draft', so it can't become paused"):
        draft().move(Campaign.State.PAUSED)


def test_of_two_who_move_the_same_row_one_is_refused():
    campaign = draft()
    same = Campaign.objects.get()
    campaign.move(Campaign.State.LAUNCHING, launched_at=clock.now())

    with pytest.raises(IllegalMove):
        same.move(Campaign.State.LAUNCHING, launched_at=clock.now())


def test_a_row_that_is_gone_is_said_to_be_gone():
    campaign = draft()
    campaign.guidelines.all().delete()
    Campaign.objects.all().delete()

    with pytest.raises(IllegalMove, match="is gone"):
        campaign.move(Campaign.State.LAUNCHING)
