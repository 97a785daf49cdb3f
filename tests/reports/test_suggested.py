"""How good suggestions are, and what seeing them does: numbers that were worked out by hand."""

from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Guidelines
from apps.quality import services as quality
from apps.reports.live import behind
from apps.reports.suggested import suggested
from apps.work import services as work
from apps.work.models import Place
from apps.work.queries import page as read
from tests.factories import CampaignFactory, ItemFactory
from tests.reports import crowd
from tests.running import deposit, worker_of

pytestmark = pytest.mark.django_db


def suggesting(items: int = 60, **values: Any) -> Campaign:
    """Return a running campaign whose every item suggests "dog"."""
    campaign = CampaignFactory(
        redundancy=2, page_size=items, show=["text"], suggestion_field="guess", suggestion_model="m-1", **values
    )
    ItemFactory.create_batch(items, dataset=campaign.dataset, data={"text": "What is it?", "guess": "dog"})
    Guidelines.objects.create(campaign=campaign, version=1, text="Look closely.")
    deposit(campaign, campaign.budget)
    campaigns.launch(campaign)
    while work.split(campaign):
        pass
    campaigns.run(campaign)
    return campaign


def test_who_sees_it_is_drawn_by_chance_and_known_ever_after():
    campaign = suggesting(suggested_to="workers", suggestion_withheld=0.5)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    seen = {place.token: place.suggestion for place in read(page).places}
    assert set(seen.values()) == {"dog", None}  # the odds against both among sixty are 2^59

    # Who sees it says so, and who does not says something else: then the report tells both apart exactly.
    work.submit(page.pk, worker=worker, answers={token: {"answer": one or "cat"} for token, one in seen.items()})

    found = suggested(campaign)
    with_it = sum(one is not None for one in seen.values())
    assert (found.seen.right, found.seen.total) == (with_it, with_it)
    assert (found.unseen.right, found.unseen.total) == (0, len(seen) - with_it)
    assert found.pull.by == 1.0
    assert found.pull.is_certain


def answer(campaign: Campaign, given: str) -> None:
    """Let a new worker answer all there is, the same everywhere."""
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    work.submit(page.pk, worker=worker, answers={one.token: {"answer": given} for one in read(page).places})


def test_answers_of_before_who_sees_it_was_changed_are_not_mixed_with_those_of_after():
    campaign = suggesting(suggested_to="workers", suggestion_withheld=0.5)
    answer(campaign, "dog")
    before = suggested(campaign)

    campaigns.change_suggestions(campaign, to="workers", withheld=0.0, reason="it is good")
    answer(campaign, "cat")
    with_it = suggested(campaign)
    campaigns.change_suggestions(campaign, to="reviewers", withheld=0.5, reason="it is not")
    after = suggested(campaign)

    assert before.seen.total + before.unseen.total == 60
    assert (with_it.seen.right, with_it.seen.total, with_it.unseen, with_it.pull) == (0, 60, None, None)
    assert (after.seen, after.unseen, after.pull) == (None, None, None)


def test_a_share_of_nothing_withheld_shows_it_everywhere():
    campaign = suggesting(items=20, suggested_to="workers", suggestion_withheld=0.0)

    page = read(work.lease(campaign, worker=worker_of(campaign)))

    assert [place.suggestion for place in page.places] == ["dog"] * 20
    assert all("guess" not in place.data for place in page.places)


def test_where_reviewers_alone_see_it_every_answer_is_given_without_it():
    campaign = suggesting(items=10, suggested_to="reviewers")
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    places = read(page).places
    assert {place.suggestion for place in places} == {None}
    given = ["dog"] * 7 + ["cat"] * 3
    work.submit(
        page.pk,
        worker=worker,
        answers={place.token: {"answer": one} for place, one in zip(places, given, strict=True)},
    )
    quality.combine(campaign)

    found = suggested(campaign)

    assert (found.unseen.right, found.unseen.total, found.seen, found.pull) == (7, 10, None, None)
    assert (found.labels.right, found.labels.total) == (7, 10)
    assert behind(campaign).suggested == found


def test_answers_in_other_letters_say_the_same_as_the_suggestion():
    campaign = crowd.campaign(
        kind="free_text", settings={"question": "What does it say?"}, suggestion_field="guess", suggested_to="reviewers"
    )
    for item, said in {"a": "no  entry", "b": "No Entry", "c": "No exit"}.items():
        task = crowd.task(campaign, item, data={"text": "What is it?", "guess": "No entry"})
        crowd.judge(task, crowd.worker(campaign, item), said)
        crowd.label(task, said, votes=1)

    found = suggested(campaign)

    assert (found.unseen.right, found.unseen.total) == (2, 3)
    assert (found.labels.right, found.labels.total) == (2, 3)


def test_answers_that_are_right_or_wrong_by_the_item_tell_as_much_as_there_are_items():
    campaign = crowd.campaign(suggestion_field="guess", suggested_to="workers", suggestion_withheld=0.5)
    people = [crowd.worker(campaign, f"w{n}") for n in range(10)]
    for n in range(10):
        task = crowd.task(campaign, f"item {n}", wanted=10, data={"text": "What is it?", "guess": "dog"})
        for number, who in enumerate(people):
            judgment = crowd.judge(task, who, "dog" if n < 5 else "cat")
            token = n * 100 + number << 32 | (0 if number < 5 else 2**32 - 1)  # half of each item's answers saw it
            Place.objects.filter(pk=judgment.place_id).update(token=UUID(int=token), withheld=0.5)

    found = suggested(campaign)

    # Ten items, all five answers of each alike: the interval is that of 5 of 9, or 10, and not of 25 of 50.
    assert (found.seen.right, found.seen.total) == (found.unseen.right, found.unseen.total) == (25, 50)
    assert found.seen.low < 0.25
    assert found.unseen.high > 0.75
    assert (found.pull.by, found.pull.low < -0.3, found.pull.high > 0.3) == (0, True, True)


def test_what_is_watched_is_not_read_anew_at_each_look():
    campaign = crowd.campaign(suggestion_field="guess", suggested_to="reviewers")
    task = crowd.task(campaign, "a", data={"text": "What is it?", "guess": "dog"})
    crowd.judge(task, crowd.worker(campaign, "one"), "dog")
    assert behind(campaign).suggested.unseen.total == 1
    crowd.judge(task, crowd.worker(campaign, "two"), "dog")

    cache.delete(f"live.behind:{campaign.pk}:{campaign.state}")  # as after a second
    soon = behind(campaign)
    cache.clear()  # as after half a minute
    later = behind(campaign)

    assert (soon.labels[0].given, soon.suggested.unseen.total) == (2, 1)
    assert later.suggested.unseen.total == 2


def test_a_campaign_that_shows_none_reports_none():
    assert suggested(suggesting(items=2)) is None


def test_a_suggestion_is_no_answer_and_makes_no_label():
    campaign = suggesting(items=4, suggested_to="workers", suggestion_withheld=0.0)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    first, *others = [place.token for place in read(page).places]

    work.submit(
        page.pk,
        worker=worker,
        answers={first: {"answer": "cat"}, **{token: {"skip": "I can't decide"} for token in others}},
    )
    quality.combine(campaign)

    found = suggested(campaign)
    assert list(campaign.judgments.values_list("answer", flat=True)) == ["cat"]
    assert (found.seen.right, found.seen.total) == (0, 1)
    assert (found.labels.right, found.labels.total) == (0, 1)
