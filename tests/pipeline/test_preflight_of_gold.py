"""What preflight says of gold: that there is enough of it, and that its places are paid for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.campaigns import services as campaigns
from apps.campaigns.spec import Gold
from apps.ledger import services as ledger
from apps.pipeline import preflight
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Place
from tests.factories import draft
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def ready(**values):
    campaign = draft(**values)
    ledger.deposit(campaign.organization, amount=campaign.budget, currency="USD", reference="1")
    return campaign


def said(campaign, severity: str) -> str:
    return "\n".join(found.sentence for found in preflight.check(campaign) if found.severity == severity)


def test_early_gold_is_planned_for_as_if_everybody_left_after_it():
    campaign = ready(items=44, gold=4, redundancy=1, page_size=1, price=10, gold_share=0.1, early_gold=2)

    assert preflight.plan(campaign).places == 50


def test_early_gold_beyond_the_gold_there_is_is_not_planned_for():
    campaign = ready(items=11, gold=1, redundancy=1, page_size=1, price=10, gold_share=0, early_gold=5)

    assert preflight.plan(campaign).places == 12  # 10 judgments, a tenth of the places gold


def test_a_campaign_whose_first_places_are_all_gold_can_still_be_planned():
    campaign = ready(items=30, gold=10, early_gold=10)

    assert preflight.plan(campaign).places == 20 * 3 * 100


def test_early_gold_that_is_not_there_blocks_where_workers_stop_without_gold():
    campaign = ready(gold_share=0, early_gold=2, when_gold_is_used_up="stop")

    assert "20% of places should ask gold, but there are no gold questions" in said(campaign, "block")


@pytest.mark.parametrize(
    ("values", "without"),
    [
        ({}, {"gold_share": 0}),
        ({"when_gold_is_used_up": "stop"}, {"gold_share": 0, "early_gold": 0}),
        ({"when_gold_is_used_up": "stop", "gold_share": 0}, {"early_gold": 0}),
    ],
)
def test_who_has_no_gold_is_told_which_settings_ask_for_none(values, without):
    told = " and ".join(f"{name}: {value}" for name, value in without.items())
    asking = {"gold_share": 0.1, "early_gold": 2, **values}

    assert f"ask for none by {told}" in said(ready(**asking), "block")
    assert "gold questions" not in said(ready(**{**asking, **without}), "block")


def test_early_gold_that_is_not_there_is_no_matter_where_workers_go_on_without():
    campaign = ready(gold_share=0, early_gold=2)

    assert said(campaign, "block") == ""
    assert "no gold is mixed in" in said(campaign, "note")


def test_skills_that_no_gold_proves_are_said_to_change_nothing():
    plain, tiered = ready(gold_share=0), ready(gold_share=0, pay_tiers=[{"skill": 0.8, "price": 12}])

    assert "raises pay" not in said(plain, "note")
    assert "no skill measured here raises pay or stops a worker" in said(tiered, "note")


def test_a_campaign_that_runs_is_not_said_to_lack_the_funds_it_was_given():
    campaign = ready()
    campaigns.launch(campaign)

    assert "in its funds" not in said(campaign, "block")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(early=st.integers(0, 3), share=st.sampled_from([0.0, 0.1, 0.3]), size=st.sampled_from([2, 5]))
def test_workers_who_leave_after_ten_places_do_not_cost_more_gold_than_planned(early, share, size):
    campaign = running(items=46, gold=6, redundancy=1, page_size=size, gold_share=share, early_gold=early)
    planned = preflight.plan(campaign).places

    try:
        while True:
            worker = worker_of(campaign)
            for _ in range(10 // size):
                handed_in(campaign, worker)
    except NoWork:
        pass

    assert Place.objects.filter(assignment__campaign=campaign).count() <= planned + size
    with pytest.raises(NoWork):
        work.lease(campaign, worker=worker_of(campaign))


def with_gold(*answers):
    """Return a draft whose gold questions have these answers, of cat, dog and cow."""
    campaign = ready(items=20, gold=0, gold_share=0.1)
    items = campaign.dataset.items.order_by("pk").values_list("external_id", flat=True)
    campaigns.add_gold(campaign, rows=[Gold(item, [one]) for item, one in zip(items, answers, strict=False)])
    return campaign


def test_gold_that_one_answer_gets_right_is_told():
    told = said(with_gold("cat", "cat", "cat", "cat", "dog"), "note")

    assert "'cat' is right on 4 of 5 gold questions: who always says it passes" in told
    assert "no gold question has 'cow' as its answer" in told


def test_gold_that_asks_about_every_answer_says_nothing_of_it():
    told = said(with_gold("cat", "dog", "cow", "cat", "dog"), "note")

    assert "who always says it passes" not in told
    assert "go unseen" not in told
