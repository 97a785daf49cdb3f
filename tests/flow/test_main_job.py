"""A requester's dataset becomes labels and workers are owed money, from the rows alone."""

from datetime import timedelta

import pytest
import time_machine

from apps.core import clock
from apps.ledger import queries as ledger_queries
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import flow
from apps.pipeline.preflight import NotReady
from apps.quality.models import Consensus, Review
from apps.work import services as work
from apps.work.models import Judgment, Task
from apps.workforce.models import Skill
from tests import belt
from tests.factories import draft, member
from tests.running import answered, launched, tokens, work_through, worker_of

pytestmark = pytest.mark.django_db


def test_a_launched_campaign_becomes_labels_and_obligations():
    campaign = launched(items=12, gold=2, gold_share=0.1, early_gold=1, redundancy=3, page_size=4, price=8)
    assert campaign.state == "running"

    for worker in [worker_of(campaign) for _ in range(3)]:
        work_through(campaign, worker)
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert Consensus.objects.filter(campaign=campaign, final=True, answer="cat", votes=3).count() == 10
    assert Consensus.objects.filter(confidence__gt=0.9).count() == 10
    paid = sum(Obligation.objects.values_list("amount", flat=True))
    assert ledger_queries.balance(campaign.organization, kind="payable", currency="USD") == paid > 0
    assert ledger_queries.balance(campaign.organization, kind="funds", currency="USD") == campaign.budget - paid
    assert ledger_queries.imbalances() == []
    assert Skill.objects.filter(scope=campaign.key, mean__gt=0.8).count() == 3


def test_nothing_is_due_after_the_end_and_steps_done_again_change_nothing():
    campaign = launched(items=4, redundancy=1, page_size=2)
    work_through(campaign, worker_of(campaign))
    belt.run()
    before = list(Obligation.objects.values_list("assignment", "amount")), list(Consensus.objects.values())

    assert belt.run() == []
    for page in campaign.assignments.all():
        belt.follow(belt.Next("settle", page.pk))
    for step in ("split", "combine", "finish"):
        belt.follow(belt.Next(step, campaign.pk))

    assert before == (list(Obligation.objects.values_list("assignment", "amount")), list(Consensus.objects.values()))


def test_a_launch_without_what_it_needs_says_everything_that_is_missing():
    campaign = draft(items=0, budget=1000, gold_share=0.1)
    campaign.guidelines.all().delete()

    with pytest.raises(NotReady) as refused:
        flow.launch(campaign)

    said = str(refused.value)
    for part in ("has no items", "no guidelines", "no gold questions", "has 0.00 USD in its funds"):
        assert part in said
    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_missed_gold_puts_a_page_before_a_person_and_it_is_paid_if_nobody_decides():
    campaign = launched(
        items=20, gold=8, gold_share=0.5, early_gold=4, page_size=8, least_gold_answers=4, approve_after_seconds=60
    )
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold="dog"))

    belt.run()
    page.refresh_from_db()
    assert (page.state, page.review.proposal) == ("submitted", "reject")
    assert not Obligation.objects.exists()

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        belt.run()
    page.refresh_from_db()
    assert page.state == "approved"
    assert Obligation.objects.get().amount == page.pay


def test_a_person_rejects_with_a_reason_and_later_overturns_and_the_money_follows():
    campaign = launched(items=20, gold=8, gold_share=0.5, early_gold=4, page_size=8, redundancy=1, price=10)
    worker, reviewer = worker_of(campaign), member(campaign.organization, "reviewer")
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold="dog"))
    belt.run()
    review = Review.objects.get()

    with pytest.raises(ValueError, match="written reason"):
        flow.decide(review, verdict="reject", reason=" ", by=reviewer)
    flow.decide(review, verdict="reject", reason="cats are not dogs", by=reviewer)
    belt.run()
    assert not Obligation.objects.exists()
    assert not Consensus.objects.exists()
    assert Judgment.objects.filter(counted=True).count() == 0

    flow.decide(review, verdict="approve", reason="the question was unclear", by=reviewer)
    belt.run()
    assert Obligation.objects.get().amount == 10
    assert Consensus.objects.count() == Task.objects.filter(gold=False, judged=1).count() > 0
    assert list(Trail.objects.filter(subject=f"assignment:{page.pk}").values_list("verb", "reason")) == [
        ("approve", "the question was unclear"),
        ("reject", "cats are not dogs"),
    ]
    assert ledger_queries.imbalances() == []


def test_a_stopped_campaign_ends_when_its_pages_are_settled_and_gives_its_budget_back():
    campaign = launched(items=20, page_size=5, price=10)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)

    flow.stop(campaign)
    belt.run()
    campaign.refresh_from_db()
    assert campaign.state == "stopping"
    flow.submit(page.pk, worker=worker, answers=answered(page))
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    assert ledger_queries.balance(campaign.organization, kind="funds", currency="USD") == campaign.budget - 10


def test_a_lost_page_is_offered_again_after_its_lease_without_any_message():
    campaign = launched(items=2, page_size=2, redundancy=1, lease_seconds=60)
    lost = work.lease(campaign, worker=worker_of(campaign))

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert "expire" in belt.run()
        work_through(campaign, worker_of(campaign))
        belt.run()

    lost.refresh_from_db()
    campaign.refresh_from_db()
    assert lost.state == "expired"
    assert campaign.state == "completed"


def test_items_added_while_it_runs_are_labelled_too():
    campaign = launched(items=2, page_size=2, redundancy=1)
    campaign.dataset.items.create(external_id="late", data={"text": "late"})
    belt.run()

    work_through(campaign, worker_of(campaign))
    belt.run()

    assert Consensus.objects.filter(campaign=campaign).count() == 3


def test_broken_tasks_do_not_keep_a_campaign_from_ending():
    campaign = launched(items=1, page_size=1, redundancy=2, broken_after=1)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    flow.submit(page.pk, worker=worker, answers={tokens(page)[0]: {"broken": "no picture"}})

    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert Obligation.objects.count() == 1
