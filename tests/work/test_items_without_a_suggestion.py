"""P13: where workers see what a model suggests, an item without it is not asked, as gold always has it."""

from typing import Any

import pytest

from apps.campaigns.models import Campaign
from apps.datasets.models import Item
from apps.members.models import Role
from apps.pipeline import due, steps
from apps.reports.progress import progress
from apps.work import services as work
from apps.work.models import Task
from tests import belt
from tests.console.house import client_of, page
from tests.factories import ItemFactory
from tests.running import launched, running, work_through

pytestmark = pytest.mark.django_db
SUGGESTING: dict[str, Any] = {"show": ["text"], "suggestion_field": "guess", "suggested_to": "workers"}


def more(campaign: Campaign, *guesses: str | None) -> list[Item]:
    """Add items that hold these suggestions, None of nothing."""
    return [
        ItemFactory(dataset=campaign.dataset, data={"text": "What is it?"} | ({} if one is None else {"guess": one}))
        for one in guesses
    ]


def asked(campaign: Campaign) -> set[int]:
    return set(Task.objects.filter(campaign=campaign).values_list("item_id", flat=True))


def split(campaign: Campaign) -> None:
    while work.split(campaign):
        pass


def test_an_item_that_comes_after_the_launch_without_one_becomes_no_task_and_is_counted():
    campaign = running(items=2, **SUGGESTING)
    before = asked(campaign)
    good, _, _, late = more(campaign, "cat", None, "bird", "dog")

    split(campaign)

    assert asked(campaign) - before == {good.pk, late.pk}
    assert (progress(campaign).items, progress(campaign).left_out) == (4, 2)
    assert not due.can_split(campaign)
    split(campaign)
    assert progress(campaign).left_out == 2


def test_each_stretch_goes_on_where_the_last_ended_whatever_is_left_out():
    campaign = running(items=0, **SUGGESTING)
    rows = more(campaign, None, None, "cat", "bird", "dog", None)

    looked_at = [work.split(campaign, at_once=2) for _ in range(4)]

    assert looked_at == [2, 2, 2, 0]
    assert asked(campaign) == {rows[2].pk, rows[4].pk}
    assert progress(campaign).left_out == 4


def test_a_completed_campaign_is_not_opened_again_by_items_that_are_left_out():
    campaign = launched(items=2, redundancy=1, early_gold=0, gold_share=0.0, **SUGGESTING)
    work_through(campaign)
    belt.run()
    campaign.refresh_from_db()
    assert campaign.state == "completed"
    more(campaign, None, "bird")

    steps.split(campaign.pk)

    campaign.refresh_from_db()
    assert (campaign.state, progress(campaign).left_out) == ("completed", 2)


def test_a_pilot_is_of_as_many_items_as_it_says_though_some_are_left_out():
    campaign = running(items=0, pilot_items=10, **SUGGESTING)
    more(campaign, *[None, "bird", "cat"] * 12)

    split(campaign)

    assert Task.objects.filter(campaign=campaign).count() == 10


@pytest.mark.parametrize("to", ["nobody", "reviewers"])
def test_every_item_is_asked_where_no_worker_sees_a_suggestion(to):
    campaign = running(items=2, **SUGGESTING | {"suggested_to": to})
    more(campaign, None, "bird")

    split(campaign)

    assert (len(asked(campaign)), progress(campaign).left_out) == (4, 0)


def test_the_page_of_the_campaign_says_how_many_are_not_asked():
    campaign = running(items=2, **SUGGESTING)
    more(campaign, None, "bird", None)
    split(campaign)

    shown = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "progress")).content.decode()

    assert "3 items are not asked: they have no suggestion that can be shown" in shown
