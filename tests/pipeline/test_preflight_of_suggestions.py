"""What preflight says of a model's suggestions: they are answers, and do not tell which questions are gold."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import Campaign
from apps.datasets.models import Item
from apps.ledger import services as ledger
from apps.members.models import Role
from apps.pipeline import preflight, suggestion_checks
from tests.console.house import client_of, page
from tests.factories import draft

pytestmark = pytest.mark.django_db


def suggesting(*guesses: str | None, gold: int = 0, to: str = "workers", **values: Any) -> Campaign:
    """Return a draft whose items hold these suggestions, the first `gold` of them known to be "cat"."""
    values = {"show": ["text"], **values}
    campaign = draft(items=len(guesses), gold=gold, suggested_to=to, suggestion_field="guess", **values)
    for item, guess in zip(Item.objects.filter(dataset=campaign.dataset).order_by("pk"), guesses, strict=True):
        item.data = {"text": "What is it?", **({} if guess is None else {"guess": guess})}
        item.save()
    return campaign


def said(campaign: Campaign, severity: str) -> str:
    found = suggestion_checks.findings(campaign, items=100)
    return "\n".join(one.sentence for one in found if one.severity == severity)


def readings(act: Callable[[], object]) -> int:
    """Return how often what items suggest was read meanwhile."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return sum("data -> 'guess'" in query["sql"] for query in queries)


@pytest.mark.parametrize("to", ["workers", "reviewers"])
def test_a_page_before_a_launch_and_a_launch_each_read_what_items_suggest_once(to):
    campaign = suggesting("cat", "dog", "cow", None, to=to, gold_share=0, early_gold=0, price=0, redundancy=1)
    ledger.deposit(campaign.organization, amount=campaign.budget, currency=campaign.currency, reference="bank 1")
    browser = client_of(campaign.organization, Role.REQUESTER)
    address = page(campaign, "launch")
    assert [one.sentence for one in preflight.check(campaign) if one.severity == "block"] == []

    shown = readings(lambda: browser.get(address))
    by_machine = readings(lambda: preflight.outlook(campaign))
    launched = readings(lambda: browser.post(address))

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.LAUNCHING
    assert (shown, by_machine, launched) == (1, 1, 1)


def test_what_is_left_out_and_what_is_told_come_of_one_reading():
    campaign = suggesting("cat", None, "bird", "cow", "dog", gold=1)

    found = preflight.outlook(campaign)
    plan = preflight.plan(campaign)

    assert found.size == plan
    assert (plan.items, plan.left_out) == (3, 2)
    assert any("1 of 5 items have no suggestion" in one.sentence for one in found.findings)


def test_items_past_those_looked_at_are_counted_and_not_told():
    campaign = suggesting("cat", None, "bird", None)

    seen = suggestion_checks.look(campaign, items=2)

    assert seen is not None
    assert (seen.items, seen.none, seen.bad, seen.left_out) == (2, 1, 0, 3)


def test_good_suggestions_are_no_matter():
    campaign = suggesting("cat", "dog", "cow", "cat", gold=1)

    assert (said(campaign, "block"), said(campaign, "note")) == ("", "")


def test_gold_without_a_suggestion_blocks_where_workers_see_them():
    campaign = suggesting(None, "bird", "dog", "cat", gold=2)

    blocks = said(campaign, "block")

    assert "2 of 2 gold questions have no suggestion that can be shown" in blocks
    assert "workers would tell gold from other questions by that" in blocks


def test_gold_without_a_suggestion_is_no_matter_where_reviewers_alone_see_them():
    campaign = suggesting(None, "cat", "dog", "cat", gold=1, to="reviewers")

    assert said(campaign, "block") == ""
    assert "1 of 4 items have no suggestion" in said(campaign, "note")


@pytest.mark.parametrize(("to", "then"), [("workers", "they are not asked"), ("reviewers", "none is shown for them")])
def test_bad_suggestions_are_told_by_their_items(to, then):
    campaign = suggesting("cat", "bird", "dog", "dragon", to=to)
    second = Item.objects.filter(dataset=campaign.dataset).order_by("pk")[1]

    told = said(campaign, "note")

    assert "2 of 4 items have a suggestion that is no answer to the question" in told
    assert f"item {second.external_id!r}: " in told
    assert "'bird'" in told
    assert then in told
    assert said(campaign, "block") == ""


def test_an_item_without_a_suggestion_is_not_asked_where_workers_see_them_as_gold_always_has_one():
    campaign = suggesting("cat", None, "dog")

    assert said(campaign, "block") == ""
    assert "1 of 3 items have no suggestion" in said(campaign, "note")
    assert "they are not asked, as gold always has one" in said(campaign, "note")


@pytest.mark.parametrize(("to", "asked", "left_out"), [("workers", 3, 2), ("reviewers", 5, 0)])
def test_what_is_planned_and_priced_is_what_is_asked(to, asked, left_out):
    campaign = suggesting(
        "cat",
        "dog",
        None,
        "bird",
        "cow",
        gold=1,
        to=to,
        redundancy=3,
        page_size=1,
        price=10,
        gold_share=0.0,
        early_gold=0,
    )

    planned = preflight.plan(campaign)

    assert (planned.items, planned.left_out) == (asked, left_out)
    assert (planned.judgments, planned.places) == (3 * (asked - 1), 3 * (asked - 1))  # one of them is gold
    assert planned.worst_cost == 10 * planned.places


def test_where_nothing_that_is_asked_is_left_to_ask_that_is_told():
    campaign = suggesting("cat", None, gold=1)

    told = {finding.sentence for finding in preflight.check(campaign) if finding.severity == "block"}

    assert "every item that is asked has a known answer, so there is nothing to ask" in told


def test_no_more_than_three_items_are_named_of_each_problem():
    campaign = suggesting("cat", *[None] * 5, *["bird"] * 5, *["dragon"] * 2)
    names = list(Item.objects.filter(dataset=campaign.dataset).order_by("pk").values_list("external_id", flat=True))

    told = said(campaign, "note")

    assert [name for name in names if repr(name) in told] == [*names[1:4], *names[6:9]]
    assert "5 of 13 items have no suggestion" in told
    assert "7 of 13 items have a suggestion that is no answer" in told


def test_no_suggestion_that_can_be_shown_blocks():
    assert "no item has a suggestion that can be shown" in said(suggesting("bird", None), "block")


@pytest.mark.parametrize("show", [[], ["text", "guess"]])
def test_a_field_that_workers_would_see_with_the_item_blocks(show):
    assert "workers would see it as part of the item" in said(suggesting("cat", "dog", show=show), "block")


def test_a_field_that_holds_nothing_blocks():
    assert "no item has a suggestion in the field 'guess'" in said(suggesting(None, None), "block")


def test_a_test_suggests_nothing():
    assert "a test asks what is known" in said(suggesting("cat", "dog", purpose="test"), "block")


def test_gold_on_which_the_suggestion_is_nearly_always_right_is_told_of():
    campaign = suggesting(*["cat"] * 6, "dog", gold=6)

    assert "the suggestion is right on 6 of 6 gold questions: who always keeps it passes" in said(campaign, "note")


def test_a_pull_that_can_not_be_measured_is_told_of():
    assert "can't be measured" in said(suggesting("cat", "dog", suggestion_withheld=0), "note")
