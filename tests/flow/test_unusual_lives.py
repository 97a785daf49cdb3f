"""What campaigns meet besides the straight way: new items after the end, late gold, stops, verdicts that come late."""

from datetime import timedelta

import pytest
import time_machine

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.spec import Gold
from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.models import Combination, Consensus, Review
from apps.work import services as work
from apps.work.models import Assignment, Task
from tests import belt
from tests.factories import ItemFactory, draft, member
from tests.running import answered, deposit, launched, work_through, worker_of

pytestmark = pytest.mark.django_db


def again(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign


def completed(**values) -> Campaign:
    campaign = launched(**{"items": 4, "page_size": 2, "redundancy": 1, "price": 10, "budget": 1000} | values)
    work_through(campaign)
    belt.run()
    assert again(campaign).state == "completed"
    return campaign


def funds(campaign: Campaign) -> int:
    return books.balance(campaign.organization, kind="funds", currency="USD")


def verbs(campaign: Campaign) -> list[str]:
    return list(Trail.objects.filter(subject=campaign.key).order_by("pk").values_list("verb", flat=True))


def rejected_page(campaign: Campaign) -> Review:
    worker, reviewer = worker_of(campaign), member(campaign.organization, "reviewer")
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page))
    review = quality.review(page)
    return flow.decide(review, verdict="reject", reason="not looked at", by=reviewer)


def test_new_items_open_a_completed_campaign_again_with_what_it_gave_back():
    campaign = completed()
    assert funds(campaign) == 980

    ItemFactory.create_batch(2, dataset=campaign.dataset)
    belt.run()
    assert (again(campaign).state, campaign.ended_at) == ("running", None)
    assert Budget.objects.get().amount == 1000
    work_through(campaign)
    belt.run()

    assert again(campaign).state == "completed"
    assert Consensus.objects.filter(final=True).count() == 6
    assert funds(campaign) == 970
    assert verbs(campaign) == ["launch", "completed", "reopen", "completed"]
    assert books.imbalances() == []


def test_a_completed_campaign_without_money_for_its_new_items_waits_quietly_until_there_is_some():
    campaign = completed()
    other = draft(dataset__organization=campaign.organization, budget=980)
    campaigns.launch(other)

    ItemFactory(dataset=campaign.dataset)
    belt.run()
    assert again(campaign).state == "completed"

    flow.stop(other)
    belt.run()  # the other campaign's budget is back in the funds
    assert again(campaign).state == "running"


def test_a_top_up_opens_a_completed_campaign_even_if_the_funds_lack_what_it_gave_back():
    campaign = completed()
    other = draft(dataset__organization=campaign.organization, budget=950)
    campaigns.launch(other)
    ItemFactory(dataset=campaign.dataset)

    flow.top_up(campaign, amount=20, reference="again")
    belt.run()

    assert again(campaign).state == "running"
    assert (campaign.budget, Budget.objects.get(owner=campaign.key).free) == (1020, 20)


def test_a_completed_campaign_with_nothing_left_to_do_takes_no_money():
    campaign = completed()

    with pytest.raises(IllegalMove, match="add items first"):
        flow.top_up(campaign, amount=5, reference="more")

    assert funds(campaign) == 980


def test_a_top_up_told_twice_adds_once_and_is_in_the_trail_once():
    campaign = launched(budget=1000)
    deposit(campaign, 100)

    for _ in range(2):
        flow.top_up(campaign, amount=60, reference="more")

    assert again(campaign).budget == Budget.objects.get().amount == 1060
    assert verbs(campaign).count("top up") == 1
    assert funds(campaign) == 40


@pytest.mark.parametrize("state", ["draft", "stopping", "stopped"])
def test_the_budget_of_what_is_not_launched_or_was_stopped_takes_nothing(state):
    campaign = draft(budget=1000)
    deposit(campaign, 2000)
    if state != "draft":
        flow.launch(campaign)
        campaigns.stop(campaign)
    if state == "stopped":
        belt.run()

    with pytest.raises(IllegalMove, match=f"is {state!r}, so its budget can't be added to"):
        flow.top_up(campaign, amount=5, reference="more")

    assert again(campaign).budget == 1000


def test_a_draft_that_was_revised_after_it_was_read_is_launched_as_it_stands():
    campaign = draft(budget=1000)
    deposit(campaign, 2000)
    seen_before = Campaign.objects.get()
    Campaign.objects.update(budget=1500)

    flow.launch(seen_before)

    assert seen_before.budget == Budget.objects.get().amount == 1500


def test_launching_twice_is_refused_for_what_it_is():
    campaign = launched()

    with pytest.raises(IllegalMove, match="so it can't become launching"):
        flow.launch(campaign)


def test_money_of_a_rejected_page_goes_back_to_the_funds_when_nobody_disputes_it_though_the_campaign_has_ended():
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=100)
    review = rejected_page(campaign)
    work_through(campaign)
    belt.run()
    assert (again(campaign).state, funds(campaign)) == ("completed", 80)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        belt.run()
        assert belt.run() == []

    assert funds(campaign) == 90
    assert Budget.objects.get().free == 0
    assert verbs(campaign)[-1] == "give back"
    assert Trail.objects.filter(subject=f"assignment:{review.assignment_id}", verb="let go").count() == 1
    assert books.imbalances() == []


def test_a_rejection_overturned_after_all_was_given_back_is_paid_from_the_funds():
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=100)
    review = rejected_page(campaign)
    work_through(campaign)
    belt.run()
    with time_machine.travel(clock.now() + timedelta(days=31)):
        belt.run()

        flow.decide(review, verdict="approve", reason="it was fine", by=member(campaign.organization, "reviewer"))
        belt.run()

    assert Obligation.objects.filter(assignment=review.assignment_id, amount=10).count() == 1
    assert (funds(campaign), Budget.objects.get().free) == (80, 0)
    assert books.imbalances() == []


def test_a_verdict_after_the_end_leaves_labels_that_are_final():
    campaign = launched(items=2, page_size=2, redundancy=1)
    review = rejected_page(campaign)
    work_through(campaign)
    belt.run()

    flow.decide(review, verdict="approve", by=member(campaign.organization, "reviewer"))
    assert "combine" in belt.run()

    assert set(Consensus.objects.values_list("final", flat=True)) == {True}
    assert Combination.objects.get().final
    assert belt.run() == []


def test_a_campaign_stopped_while_its_tasks_are_made_ends_and_gives_all_back():
    campaign = draft(budget=1000)
    deposit(campaign, 1000)
    flow.launch(campaign)
    work.split(campaign, at_once=3)

    flow.stop(campaign)
    belt.follow(belt.Next("split", campaign.pk))
    belt.run()

    assert again(campaign).state == "stopped"
    assert funds(campaign) == 1000
    assert belt.run() == []


def test_a_message_that_comes_late_does_not_resume_what_was_paused():
    campaign = draft()
    deposit(campaign, campaign.budget)
    flow.launch(campaign)
    read_before = Campaign.objects.get()
    belt.run()
    campaigns.pause(again(campaign))

    assert campaigns.run(read_before) is False
    belt.follow(belt.Next("split", campaign.pk))

    assert again(campaign).state == "paused"


def test_leases_of_a_paused_campaign_expire_and_it_stays_paused_until_it_is_resumed():
    campaign = launched(items=2, page_size=2, redundancy=1, lease_seconds=60)
    page = work.lease(campaign, worker=worker_of(campaign))
    flow.pause(campaign)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert belt.run() == ["expire"]
    assert Assignment.objects.get(pk=page.pk).state == "expired"
    assert Budget.objects.get().held == 0
    assert again(campaign).state == "paused"

    flow.resume(campaign)
    work_through(campaign)
    belt.run()
    assert again(campaign).state == "completed"


def test_a_paused_campaign_whose_last_page_came_in_ends_when_it_is_resumed():
    campaign = launched(items=2, page_size=2, redundancy=1)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    flow.pause(campaign)
    flow.submit(page.pk, worker=worker, answers=answered(page))
    belt.run()
    assert again(campaign).state == "paused"

    flow.resume(campaign)
    belt.run()

    assert again(campaign).state == "completed"


def test_a_stopping_campaign_waits_for_a_page_that_a_person_may_still_reject():
    campaign = launched(
        items=20, gold=8, gold_share=0.5, early_gold=4, page_size=8, least_gold_answers=4, approve_after_seconds=3600
    )
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold="dog"))
    flow.stop(campaign)
    belt.run()
    assert again(campaign).state == "stopping"

    with time_machine.travel(clock.now() + timedelta(seconds=3601)):
        belt.run()

    assert again(campaign).state == "stopped"
    assert Obligation.objects.count() == 1


def test_a_stopping_campaign_ends_when_its_last_page_is_rejected():
    campaign = launched(items=4, page_size=2)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    flow.submit(page.pk, worker=worker, answers=answered(page))
    review = quality.review(page)
    flow.stop(campaign)

    flow.decide(review, verdict="reject", reason="not looked at", by=member(campaign.organization, "reviewer"))
    belt.run()

    assert again(campaign).state == "stopped"


def test_a_page_leased_at_the_moment_of_the_end_is_still_paid_combined_and_settled():
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, budget=100)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    campaigns.stop(campaign)
    campaigns.end(campaign)  # as it would, had it looked just before the lease was committed

    first, second = answered(page)
    flow.submit(page.pk, worker=worker, answers={first: {"answer": "cat"}, second: {"skip": ""}})
    belt.run()

    assert Obligation.objects.get().amount == 5
    assert Consensus.objects.filter(final=True).count() == 1
    assert (funds(campaign), Budget.objects.get().free) == (95, 0)
    assert belt.run() == []


def test_items_that_came_in_while_a_campaign_was_ending_are_not_forgotten():
    campaign = completed()
    ItemFactory(dataset=campaign.dataset)
    while work.split(campaign):  # a step that read the campaign as running, just before its end
        pass

    belt.run()

    assert again(campaign).state == "running"


def test_gold_added_late_becomes_gold_where_nobody_was_given_it():
    campaign = launched(items=6, page_size=2, redundancy=1)
    page = work.lease(campaign, worker=worker_of(campaign))
    given = page.places.first().task
    free = Task.objects.filter(taken=0).first()

    flow.add_gold(campaign, rows=[Gold(task.item.external_id, ["cat"]) for task in (given, free)])
    assert "split" in belt.run()

    assert list(Task.objects.filter(gold=True)) == [free]
    assert belt.run() == []


def test_a_campaign_in_which_all_became_gold_ends_at_once_and_gives_its_budget_back():
    campaign = draft(items=2, budget=1000)
    deposit(campaign, 1000)
    flow.launch(campaign)
    names = campaign.dataset.items.values_list("external_id", flat=True)
    flow.add_gold(campaign, rows=[Gold(name, ["cat"]) for name in names])

    belt.run()

    assert (again(campaign).state, funds(campaign)) == ("completed", 1000)


def test_the_rule_never_overturns_what_a_person_rejected():
    campaign = launched(items=4, page_size=2)
    review = rejected_page(campaign)

    with pytest.raises(IllegalMove, match="only a person can overturn"):
        quality.decide(review, verdict="approve")
    belt.follow(belt.Next("settle", review.assignment_id))

    assert Assignment.objects.get().state == "rejected"
    assert not Obligation.objects.exists()


def test_a_person_who_rejects_while_the_rule_is_about_to_pay_is_heeded():
    campaign = launched(items=4, page_size=2)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    flow.submit(page.pk, worker=worker, answers=answered(page))
    review = quality.review(page)
    flow.decide(review, verdict="reject", reason="not looked at", by=member(campaign.organization, "reviewer"))
    Assignment.objects.filter(pk=page.pk).update(state="submitted", decided_at=None, disputable_until=None)

    assert steps.settle(page.pk) == []  # it read the page just before the rejection was committed

    assert not Obligation.objects.exists()
    assert Review.objects.get().verdict == "reject"
