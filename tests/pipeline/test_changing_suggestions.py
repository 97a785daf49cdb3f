"""Who sees what a model suggests changes while a campaign runs: from now on, and never so that gold could be told."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec
from apps.core.states import IllegalMove
from apps.members.models import Role, Trail
from apps.pipeline import flow
from apps.pipeline.preflight import NotReady
from apps.work import services as work
from apps.work.models import Assignment, Place, Task
from apps.work.queries import page as read
from tests.factories import ItemFactory, member
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db
WHY = "it pulls too much"


def suggesting(to: str = "workers", *, items: int = 20, **values: Any) -> Campaign:
    """Return a running campaign whose every item suggests "dog"."""
    asked = {"page_size": items, "redundancy": 9, "suggestion_withheld": 0.0, **values}
    return running(items=items, show=["text"], suggested_to=to, suggestion_field="guess", **asked)


def change(campaign: Campaign, to: str, withheld: float = 0.0, **more: Any) -> None:
    flow.change_suggestions(campaign, to=to, withheld=withheld, reason=WHY, **more)


def shown(page: Assignment) -> list[Any]:
    """Return what each place of a page suggests, as it is read again."""
    return [place.suggestion for place in read(Assignment.objects.get(pk=page.pk)).places]


def leased(campaign: Campaign) -> Assignment:
    return work.lease(campaign, worker=worker_of(campaign))


@pytest.mark.parametrize("to", ["nobody", "reviewers"])
def test_workers_see_none_on_the_pages_that_follow_and_those_in_hand_stay_as_they_are(to):
    campaign = suggesting()
    in_hand = leased(campaign)

    change(campaign, to)

    assert shown(in_hand) == ["dog"] * 20
    assert shown(leased(campaign)) == [None] * 20


def test_workers_begin_to_see_them_on_the_pages_that_follow():
    campaign = suggesting("reviewers", gold=3, gold_share=0.2)
    in_hand = leased(campaign)

    change(campaign, "workers")

    assert shown(in_hand) == [None] * 20
    page = leased(campaign)
    assert page.places.filter(task__gold=True).exists()
    assert shown(page) == ["dog"] * 20


def test_another_share_is_drawn_by_from_then_on():
    campaign = suggesting()
    in_hand = leased(campaign)

    change(campaign, "workers", 0.9)

    assert shown(in_hand) == ["dog"] * 20
    assert set(leased(campaign).places.values_list("withheld", flat=True)) == {0.9}
    assert shown(leased(campaign)).count(None) > 5  # of twenty; fewer come less than once in ten million times


def test_a_question_given_back_before_and_got_again_after_shows_what_it_showed():
    campaign = suggesting()
    worker = worker_of(campaign)
    work.give_back(work.lease(campaign, worker=worker).pk, worker=worker)

    change(campaign, "reviewers")

    assert shown(work.lease(campaign, worker=worker)) == ["dog"] * 20


def test_what_was_handed_out_before_shares_were_kept_was_drawn_by_its_campaigns():
    shows, hides = suggesting(suggestion_withheld=0.5), suggesting("reviewers")
    pages = [leased(campaign) for campaign in (shows, hides)]
    before = [shown(page) for page in pages]
    Place.objects.update(withheld=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("apps.work.migrations.0017_shares_of_earlier_places").FILL)

    assert [shown(page) for page in pages] == before
    assert set(pages[1].places.values_list("withheld", flat=True)) == {None}


def test_who_why_and_what_it_was_are_in_the_trail_once():
    campaign = suggesting()
    boss = member(campaign.organization, Role.REQUESTER)

    for _ in range(2):
        change(campaign, "reviewers", 0.5, by=boss)

    line = Trail.objects.get(verb="change suggestions")
    assert (line.actor, line.subject, line.reason) == (boss, campaign.key, WHY)
    assert line.data == {
        "before": {"suggested_to": "workers", "suggestion_withheld": 0.0},
        "after": {"suggested_to": "reviewers", "suggestion_withheld": 0.5},
    }


def test_what_was_launched_without_a_field_of_suggestions_gets_none():
    campaign = running()

    with pytest.raises(IllegalMove, match="without a field that holds suggestions, and one can't be added"):
        change(campaign, "reviewers")


def test_what_is_over_is_not_changed():
    campaign = suggesting()
    flow.stop(campaign)

    with pytest.raises(IllegalMove, match="only one under way can be changed"):
        change(campaign, "nobody")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to": "everybody", "withheld": 0.2, "reason": WHY}, "suggested_to is 'everybody'"),
        ({"to": "workers", "withheld": 0.95, "reason": WHY}, "suggestion_withheld is 0.95"),
        ({"to": "nobody", "withheld": 0.2, "reason": " "}, "reason is empty"),
    ],
)
def test_what_can_not_be_is_refused_in_words(given, said):
    campaign = suggesting()

    with pytest.raises(BadSpec, match=said):
        flow.change_suggestions(campaign, **given)


def test_p13_workers_see_none_where_an_item_that_is_asked_has_none():
    campaign = suggesting("reviewers")
    without = ItemFactory(dataset=campaign.dataset, data={"text": "What is it?"})
    work.split(campaign)

    with pytest.raises(NotReady, match=f"item '{without.external_id}' is asked, and has no suggestion"):
        change(campaign, "workers")

    campaign.refresh_from_db()
    assert campaign.suggested_to == "reviewers"
    assert not Trail.objects.filter(verb="change suggestions").exists()


def test_p13_workers_see_none_where_gold_has_none():
    campaign = suggesting("reviewers", gold=1)
    gold = campaign.gold.get()
    gold.item.data = {"text": "What is it?"}
    gold.item.save()

    with pytest.raises(NotReady, match="1 of 1 gold questions have no suggestion that can be shown"):
        change(campaign, "workers")


def test_p13_items_that_come_after_workers_see_them_are_asked_with_one_alone():
    campaign = suggesting("reviewers")
    change(campaign, "workers")
    without = ItemFactory(dataset=campaign.dataset, data={"text": "What is it?"})

    work.split(Campaign.objects.get(pk=campaign.pk))

    assert not Task.objects.filter(item=without).exists()


def test_items_without_one_that_come_after_workers_see_none_any_more_are_asked():
    campaign = suggesting()
    change(campaign, "nobody")
    without = ItemFactory(dataset=campaign.dataset, data={"text": "What is it?"})

    work.split(campaign)

    assert Task.objects.filter(item=without).exists()


def test_a_field_that_workers_see_with_the_item_can_not_be_suggested_from():
    campaign = suggesting("nobody")
    Campaign.objects.filter(pk=campaign.pk).update(show=["text", "guess"])

    with pytest.raises(NotReady, match="workers would see it as part of the item"):
        change(campaign, "reviewers")
