"""P2: handing out pages: exact, to the right people, and never the same task twice to one."""

from datetime import timedelta

import pytest
import time_machine

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger.models import Budget
from apps.work import services as work
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment, Place, Task
from apps.work.suggested import is_seen
from apps.workforce import services as workforce
from apps.workforce.models import Skill
from tests.factories import WorkerFactory
from tests.running import answered, handed_in, running, tokens, worker_of

pytestmark = pytest.mark.django_db


def refusal(campaign: Campaign, worker: object, **values: object) -> str:
    with pytest.raises(NoWork) as refused:
        work.lease(campaign, worker=worker, **values)  # type: ignore[arg-type]
    return refused.value.reason


def test_a_page_has_as_many_tasks_as_the_campaign_says_and_holds_their_price():
    campaign = running(items=12, page_size=5, price=10)

    page = work.lease(campaign, worker=worker_of(campaign))

    assert len(tokens(page)) == page.places_count == 5
    assert page.held == 10
    assert Budget.objects.get(owner=campaign.key).held == 10


def test_a_second_fetch_returns_the_page_in_hand():
    campaign = running()
    worker = worker_of(campaign)

    first, second = work.lease(campaign, worker=worker), work.lease(campaign, worker=worker)

    assert first == second
    assert Assignment.objects.count() == 1


def test_one_page_can_be_fetched_ahead_and_no_more():
    campaign = running(items=20)
    worker = worker_of(campaign)
    first = work.lease(campaign, worker=worker)

    ahead = work.lease(campaign, worker=worker, after=first.pk)

    assert ahead != first
    assert work.lease(campaign, worker=worker, after=first.pk) == ahead
    assert work.lease(campaign, worker=worker, after=ahead.pk) == first
    assert not set(tokens(first)) & set(tokens(ahead))


def test_fetching_ahead_of_another_workers_page_is_refused():
    campaign = running(items=20)
    other = work.lease(campaign, worker=worker_of(campaign))

    with pytest.raises(NotYours):
        work.lease(campaign, worker=worker_of(campaign), after=other.pk)


def test_a_worker_gets_every_task_once_and_then_no_more():
    campaign = running(items=12, page_size=5, redundancy=2)
    worker = worker_of(campaign)

    pages = [handed_in(campaign, worker) for _ in range(3)]

    assert [page.places_count for page in pages] == [5, 5, 2]
    assert Place.objects.filter(worker=worker).values("task").distinct().count() == 12
    assert refusal(campaign, worker) == "done"


def test_no_task_is_taken_beyond_its_redundancy():
    campaign = running(items=4, page_size=4, redundancy=2)

    work.lease(campaign, worker=worker_of(campaign))
    work.lease(campaign, worker=worker_of(campaign))

    assert refusal(campaign, worker_of(campaign)) == "done"
    assert set(Task.objects.values_list("taken", flat=True)) == {2}


def test_tasks_of_an_expired_page_are_offered_again_even_to_the_same_worker_under_new_tokens():
    campaign = running(items=3, page_size=3, redundancy=1, lease_seconds=60)
    worker = worker_of(campaign)
    late = work.lease(campaign, worker=worker)
    before = set(tokens(late))

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        again = work.lease(campaign, worker=worker)

    late.refresh_from_db()
    assert late.state == "expired"
    assert len(tokens(again)) == 3
    assert not before & set(tokens(again))
    assert Budget.objects.get(owner=campaign.key).held == again.held


def test_a_page_given_back_frees_its_tasks_and_its_money():
    campaign = running(items=3, page_size=3, redundancy=1)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)

    work.give_back(page.pk, worker=worker)
    work.give_back(page.pk, worker=worker)

    assert Budget.objects.get(owner=campaign.key).held == 0
    assert len(tokens(work.lease(campaign, worker=worker_of(campaign)))) == 3


def test_a_lease_can_be_extended_up_to_ten_times_its_length():
    campaign = running(lease_seconds=60)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)

    with time_machine.travel(page.leased_at + timedelta(seconds=50), tick=False):
        assert work.extend(page.pk, worker=worker).expires_at == page.leased_at + timedelta(seconds=110)
    with time_machine.travel(page.leased_at + timedelta(seconds=590), tick=False):
        assert work.extend(page.pk, worker=worker).expires_at == page.leased_at + timedelta(seconds=600)


def test_work_stops_when_the_budget_is_used_up_and_nothing_is_held_for_it():
    campaign = running(items=20, page_size=5, price=10, budget=15)
    work.lease(campaign, worker=worker_of(campaign))

    assert refusal(campaign, worker_of(campaign)) == "budget"
    assert Budget.objects.get(owner=campaign.key).held == 10
    assert Task.objects.filter(taken__gt=0).count() == 5


def test_a_paused_campaign_hands_out_nothing_and_resumes():
    campaign = running()
    worker = worker_of(campaign)

    campaigns.pause(campaign)
    assert refusal(campaign, worker) == "paused"

    campaigns.resume(campaign)
    assert work.lease(campaign, worker=worker).state == "leased"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"languages": ["de"]}, "eligibility"),
        ({"groups": ["nurses"]}, "eligibility"),
        ({"least_skill": 0.8, "skill_scope": "campaign:another"}, "skill"),
    ],
)
def test_who_lacks_what_the_campaign_asks_for_gets_no_page(asked, reason):
    campaign = running(**asked)

    assert refusal(campaign, worker_of(campaign, languages=["en"])) == reason


def test_who_has_what_the_campaign_asks_for_gets_a_page():
    campaign = running(languages=["de"], groups=["nurses"], least_skill=0.8, skill_scope="campaign:another")
    worker = workforce.register(campaign.organization, external_id="w", languages=["en", "de"], groups=["nurses"])
    Skill.objects.create(worker=worker, scope="campaign:another", mean=0.9, low=0.8, high=0.95, gold_answers=9)

    assert work.lease(campaign, worker=worker)


def test_another_organizations_worker_gets_no_page():
    campaign = running()

    assert refusal(campaign, WorkerFactory()) == "eligibility"


def test_a_restricted_worker_is_told_why():
    campaign = running()
    worker = worker_of(campaign)
    workforce.restrict(worker, reason="asked for a break", scope=campaign.key)

    with pytest.raises(NoWork, match="asked for a break"):
        work.lease(campaign, worker=worker)


def test_a_worker_stops_at_the_campaigns_cap_of_pages():
    campaign = running(items=20, most_pages=1)
    worker = worker_of(campaign)
    handed_in(campaign, worker)

    assert refusal(campaign, worker) == "cap"


def test_reserved_tasks_go_to_the_workers_named_for_them_only():
    campaign = running(items=1)
    named = worker_of(campaign)
    task = Task.objects.get()
    Task.objects.update(reserved=True)
    campaign.reservations.create(item=task.item, worker=named)

    assert refusal(campaign, worker_of(campaign)) == "done"
    assert work.lease(campaign, worker=named).places.get().task == task


def test_gold_comes_early_each_once_and_outside_redundancy():
    campaign = running(items=30, gold=6, page_size=5, gold_share=0.2, early_gold=4, redundancy=1)
    worker = worker_of(campaign)

    handed_in(campaign, worker)
    handed_in(campaign, worker)

    golds = Place.objects.filter(worker=worker, task__gold=True)
    assert golds.count() >= 4
    assert golds.values("task").distinct().count() == golds.count()
    assert set(Task.objects.filter(gold=True).values_list("taken", "wanted")) == {(0, 0)}


@pytest.mark.parametrize(("setting", "goes_on"), [("stop", False), ("unscored", True)])
def test_when_gold_is_used_up_the_worker_stops_or_goes_on_as_set(setting, goes_on):
    campaign = running(
        items=40, gold=2, page_size=4, gold_share=0.5, early_gold=2, redundancy=1, when_gold_is_used_up=setting
    )
    worker = worker_of(campaign)
    handed_in(campaign, worker)

    if goes_on:
        assert handed_in(campaign, worker).places.filter(task__gold=True).count() == 0
    else:
        assert refusal(campaign, worker) == "gold"


def test_gold_alone_is_no_page():
    campaign = running(items=3, gold=2, page_size=1, gold_share=0.5, early_gold=1, redundancy=1)
    worker, other = worker_of(campaign), worker_of(campaign)
    while Place.objects.filter(task__gold=False).count() == 0:
        handed_in(campaign, other)

    assert refusal(campaign, worker) == "done"


def test_items_added_while_it_runs_become_tasks():
    campaign = running(items=2, redundancy=1, page_size=2)
    handed_in(campaign)
    campaign.dataset.items.create(external_id="late", data={"text": "late"})

    assert work.split(campaign) == 1
    assert work.split(campaign) == 0

    page = work.lease(campaign, worker=worker_of(campaign))
    assert page.places.get().task.item.external_id == "late"


def test_a_page_shows_the_price_in_force_when_it_was_leased():
    campaign = running(items=20, price=10)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    Campaign.objects.update(price=50)

    work.submit(page.pk, worker=worker, answers=answered(page))

    page.refresh_from_db()
    assert page.pay == 10


def test_what_was_drawn_about_a_suggestion_stays_when_a_question_is_given_back_and_got_again():
    campaign = running(
        items=40, page_size=40, show=["text"], suggested_to="workers", suggestion_field="guess", suggestion_withheld=0.5
    )
    worker = worker_of(campaign)
    first = work.lease(campaign, worker=worker)
    before = dict(first.places.values_list("task", "token"))
    work.give_back(first.pk, worker=worker)

    again = dict(work.lease(campaign, worker=worker).places.values_list("task", "token"))

    assert {task: is_seen(token, withheld=0.5) for task, token in again.items()} == {
        task: is_seen(token, withheld=0.5) for task, token in before.items()
    }
    assert not set(again.values()) & set(before.values())  # the page that was given back can't be handed in as this one
