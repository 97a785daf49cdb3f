"""A campaign that is over costs a sweep next to nothing, and whatever comes to it afterwards is found."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import Campaign, GoldQuestion
from apps.ledger.models import Budget
from apps.pipeline.outstanding import CAMPAIGNS, outstanding
from apps.quality.models import Combination
from apps.work.models import Task
from tests import belt
from tests.factories import ItemFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def over() -> Campaign:
    """Return a campaign that was worked through, combined and ended."""
    campaign = running(items=2, page_size=2, redundancy=1)
    handed_in(campaign)
    belt.run()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.COMPLETED
    return campaign


def test_a_sweep_asks_no_more_where_more_campaigns_are_over():
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert list(outstanding()) == []
        return len(questions)

    list(outstanding())  # what is put into SQL once
    over()
    with_one = asked()
    over()

    assert CAMPAIGNS.found() == []
    assert asked() == with_one


def _known(campaign: Campaign) -> None:
    task = Task.objects.filter(campaign=campaign).first()
    Task.objects.filter(pk=task.pk).update(taken=0, judged=0, wanted=0)
    GoldQuestion.objects.create(campaign=campaign, item=task.item, answers=["cat"])


COMES: dict[str, Callable[[Campaign], object]] = {
    "an item": lambda campaign: ItemFactory(dataset=campaign.dataset),
    "a wanted judgment": lambda campaign: Task.objects.filter(campaign=campaign).update(wanted=2, state="open"),
    "gold for a task that nobody was given": lambda campaign: _known(campaign),
    "a judgment": lambda campaign: Combination.objects.update(judgments_combined=0),
    "a change of what judgments mean": lambda campaign: Combination.objects.update(changes=99),
    "labels that are not final": lambda campaign: Combination.objects.update(final=False),
    "no labels at all": lambda campaign: Combination.objects.all().delete(),
    "money": lambda campaign: Budget.objects.update(amount=10**6),
}


@pytest.mark.parametrize("what", COMES)
def test_what_comes_to_a_campaign_that_is_over_is_found(what):
    campaign = over()

    COMES[what](campaign)

    assert CAMPAIGNS.found() == [campaign.pk]
    assert campaign.pk in {each.pk for each in outstanding()}
