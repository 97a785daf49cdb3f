from datetime import timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from apps.ledger.models import Budget
from apps.quality.models import Combination
from apps.reports.progress import progress
from apps.work.models import Seat, Task
from apps.workforce.models import Skill
from tests.reports import crowd
from tests.reports.crowd import NOON

pytestmark = pytest.mark.django_db


def test_a_campaign_that_has_not_begun_has_all_before_it() -> None:
    campaign = crowd.campaign(budget=500)
    crowd.task(campaign, "a", wanted=3)
    crowd.task(campaign, "b", wanted=2)

    now = progress(campaign)

    assert (now.items, now.judgments_wanted, now.judgments_made, now.labels) == (2, 5, 0, 0)
    assert (now.share, now.seconds_left, now.gold, now.agreement) == (0.0, None, None, None)
    assert (now.spent, now.held, now.budget, now.currency) == (0, 0, 500, "USD")


def test_gold_questions_are_neither_items_nor_progress() -> None:
    campaign = crowd.campaign()
    gold = crowd.task(campaign, "g", gold=["cat"])
    crowd.judge(gold, crowd.worker(campaign, "w1"), "cat")
    crowd.labelled(campaign, {"a": "cat"})

    now = progress(campaign)

    assert (now.items, now.judgments_made, now.labels) == (1, 1, 1)


def test_a_broken_task_wants_no_more_than_it_has() -> None:
    campaign = crowd.campaign()
    [label] = crowd.labelled(campaign, {"a": "cat"})
    Task.objects.filter(pk=label.task_id).update(state="broken")

    now = progress(campaign)

    assert (now.items, now.broken, now.judgments_wanted, now.judgments_made, now.share) == (1, 1, 1, 1, 1.0)


def test_spent_and_held_are_the_budget_rows_and_the_budget_is_what_was_planned_though_the_rest_was_given_back() -> None:
    campaign = crowd.campaign()
    campaign.budget = 900
    Budget.objects.create(
        organization=campaign.organization, owner=campaign.key, currency="USD", amount=150, held=20, spent=130
    )

    now = progress(campaign)

    assert (now.spent, now.held, now.budget) == (130, 20, 900)


def test_who_holds_a_page_or_handed_one_in_lately_is_active() -> None:
    campaign = crowd.campaign()
    workers = {name: crowd.worker(campaign, name) for name in ("holding", "just done", "gone", "let it expire")}
    for who in workers.values():
        Seat.objects.create(campaign=campaign, worker=who, task_cursor=0, gold_cursor=0)
    crowd.page(campaign, workers["holding"], at=NOON, state="leased")
    crowd.page(campaign, workers["just done"], at=NOON - timedelta(minutes=9))
    crowd.page(campaign, workers["gone"], at=NOON - timedelta(minutes=11))
    crowd.page(campaign, workers["let it expire"], at=NOON - timedelta(hours=2), state="leased")

    with time_machine.travel(NOON, tick=False):
        now = progress(campaign)

    assert (now.workers, now.workers_active) == (4, 2)


def test_agreement_and_gold_are_those_of_the_last_fit() -> None:
    campaign, other = crowd.campaign(), crowd.campaign()
    Combination.objects.create(
        campaign=campaign, percent_agreement=0.9, alpha=0.8, alpha_low=0.7, alpha_high=0.85, final=True
    )
    for name, right, answers in (("w1", 8.0, 10), ("w2", 1.0, 10)):
        who = crowd.worker(campaign, name)
        Seat.objects.create(campaign=campaign, worker=who, task_cursor=0, gold_cursor=0)
        for scope, factor in ((campaign.key, 1), (other.key, 7)):
            Skill.objects.create(
                worker=who, scope=scope, mean=0.5, low=0.2, high=0.8, gold_right=right, gold_answers=answers * factor
            )

    now = progress(campaign)

    assert (now.percent_agreement, now.agreement, now.agreement_low, now.agreement_high) == (0.9, 0.8, 0.7, 0.85)
    assert now.final
    assert now.gold is not None
    assert (now.gold.right, now.gold.total) == (9.0, 20)


def test_the_time_left_follows_from_the_pace_and_grows_while_nobody_works() -> None:
    campaign = crowd.campaign()
    task = crowd.task(campaign, "a", wanted=14)
    for minute in range(1, 5):
        crowd.judge(task, crowd.worker(campaign, f"w{minute}"), "cat", at=NOON + timedelta(minutes=minute))

    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        at_work = progress(campaign).seconds_left
    with time_machine.travel(NOON + timedelta(minutes=9), tick=False):
        later = progress(campaign).seconds_left

    assert at_work == pytest.approx(10 * 60)  # 4 judgments in 4 minutes, 10 are left
    assert later == pytest.approx(10 * 120)


def test_progress_takes_as_many_queries_however_much_there_is(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {f"item {n}": "cat" for n in range(30)})

    with django_assert_max_num_queries(7):
        progress(campaign)
