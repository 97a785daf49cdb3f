"""Tasks asked for one by one: each brings its own number of judgments, its own money and its own end."""

from datetime import timedelta

import pytest

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.payments import services as payments
from apps.pipeline import due, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import services as quality
from apps.quality.models import Review
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from apps.workforce import services as workforce
from tests.factories import CampaignFactory, ItemFactory, member
from tests.running import answered, number, worker_of

pytestmark = pytest.mark.django_db


def open_ended(*, deposit: int = 1000, **values) -> Campaign:
    """Return a running campaign that waits for tasks: a cent-exact 10 for each judgment."""
    values = {"price": 10, "page_size": 1, "budget": 0, "open_ended": True, "grace_seconds": 0, **values}
    campaign = CampaignFactory(**values)
    ledger.deposit(campaign.organization, amount=deposit, currency="USD", reference=f"test {number()}")
    campaigns.launch(campaign)
    campaigns.run(campaign)
    return campaign


def asked(campaign: Campaign, *, wanted: int = 2, closes_in: float = 3600) -> Task:
    item = ItemFactory(dataset=campaign.dataset)
    closes_at = clock.from_now(seconds=closes_in)
    return work.ask(campaign, item=item, wanted=wanted, closes_at=closes_at, reference=f"item {item.pk}")


def judged(campaign: Campaign) -> Assignment:
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    return work.submit(page.pk, worker=worker, answers=answered(page))


def funds(campaign: Campaign) -> int:
    return books.balance(campaign.organization, kind="funds", currency="USD")


def test_a_task_asked_for_brings_its_money_and_is_handed_out_so_often():
    campaign = open_ended()

    task = asked(campaign, wanted=2)
    pages = [judged(campaign), judged(campaign)]

    assert {page.places.get().task for page in pages} == {task}
    assert (funds(campaign), books.budget(campaign.key).amount) == (980, 20)
    with pytest.raises(NoWork):
        work.lease(campaign, worker=worker_of(campaign))


def test_a_task_asked_for_twice_is_funded_once():
    campaign = open_ended()
    item = ItemFactory(dataset=campaign.dataset)

    tasks = {work.ask(campaign, item=item, wanted=2, reference="one").pk for _ in range(2)}
    work.split(campaign)

    assert len(tasks) == Task.objects.count() == 1
    assert Task.objects.get().wanted == 2
    assert books.budget(campaign.key).amount == 20


def test_without_money_nothing_is_asked_for():
    campaign = open_ended(deposit=15)

    with pytest.raises(ledger.NotEnoughMoney):
        asked(campaign, wanted=2)

    assert not Task.objects.exists()
    assert funds(campaign) == 15


def test_more_judgments_are_funded_and_handed_out():
    campaign = open_ended()
    task = asked(campaign, wanted=1)
    judged(campaign)

    work.ask_again(task, more=2, reference="two more")

    assert [judged(campaign).state, judged(campaign).state] == ["submitted", "submitted"]
    assert books.budget(campaign.key).amount == 30


def test_a_closed_task_is_handed_out_no_more_and_gives_back_what_it_did_not_need():
    campaign = open_ended()
    task = asked(campaign, wanted=3)
    at_work = worker_of(campaign)
    page = work.lease(campaign, worker=at_work)

    work.close_at(task, at=clock.now() - timedelta(seconds=1))
    with pytest.raises(NoWork):
        work.lease(campaign, worker=worker_of(campaign))
    (due_step,) = [step for step in outstanding() if step.step == "close"]
    steps.close(due_step.pk)
    steps.close(due_step.pk)

    assert (funds(campaign), books.budget(campaign.key).amount) == (990, 10)
    assert work.submit(page.pk, worker=at_work, answers=answered(page)).pay == 10
    assert not [step for step in outstanding() if step.step == "close"]


def test_a_lease_that_ends_after_the_close_gives_its_money_back_too():
    campaign = open_ended()
    task = asked(campaign, wanted=1, closes_in=60)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    work.close_at(task, at=clock.now() - timedelta(seconds=1))
    work.close(task)

    work.give_back(page.pk, worker=worker)
    work.close(task)

    assert funds(campaign) == 1000
    assert books.imbalances() == []


def test_an_open_ended_campaign_without_work_waits():
    campaign = open_ended()
    asked(campaign, wanted=1)
    page = judged(campaign)
    steps.settle(page.pk)

    assert not due.is_finished(Campaign.objects.get(pk=campaign.pk))
    campaigns.stop(campaign)
    assert due.is_finished(Campaign.objects.get(pk=campaign.pk))


def test_a_page_that_a_person_reviews_is_paid_when_nobody_decided_in_time(time_machine):
    campaign = open_ended(review=Campaign.Review.PERSON, approve_after_seconds=3600)
    asked(campaign)
    page = judged(campaign)

    steps.settle(page.pk)
    page.refresh_from_db()
    assert page.state == "submitted"

    time_machine.move_to(clock.from_now(seconds=3601))
    steps.settle(page.pk)
    page.refresh_from_db()
    assert (page.state, page.obligation.amount) == ("approved", 10)


def test_a_rejected_answer_is_not_asked_again_unless_it_is_overturned():
    campaign = open_ended(review=Campaign.Review.PERSON)
    task = asked(campaign, wanted=1)
    page = judged(campaign)
    boss = member(campaign.organization)

    quality.decide(quality.review(page), verdict=Review.Verdict.REJECT, reason="empty", by=boss)
    task.refresh_from_db()
    assert (task.wanted, task.taken) == (0, 0)

    decided = quality.decide(page.review, verdict=Review.Verdict.APPROVE, by=boss)
    payments.owe(decided.assignment)
    task.refresh_from_db()
    assert (task.wanted, task.taken, task.judged) == (1, 1, 1)
    assert books.imbalances() == []


def test_money_of_a_rejection_past_dispute_goes_back_to_the_funds(time_machine):
    campaign = open_ended(review=Campaign.Review.PERSON)
    asked(campaign, wanted=1)
    page = judged(campaign)
    quality.decide(
        quality.review(page), verdict=Review.Verdict.REJECT, reason="empty", by=member(campaign.organization)
    )

    time_machine.move_to(clock.now() + timedelta(days=31))
    steps.release(page.pk)

    assert funds(campaign) == 1000


@pytest.mark.parametrize(
    ("comparator", "values", "own", "may"),
    [
        ("GreaterThanOrEqualTo", [80], 80, True),
        ("GreaterThan", [80], 80, False),
        ("LessThan", [5], 4, True),
        ("LessThanOrEqualTo", [5], 6, False),
        ("EqualTo", [1], 1, True),
        ("NotEqualTo", [1], 1, False),
        ("NotEqualTo", [1], None, True),
        ("In", [1, 2], 2, True),
        ("NotIn", [1, 2], 2, False),
        ("Exists", [], 0, True),
        ("Exists", [], None, False),
        ("DoesNotExist", [], None, True),
        ("DoesNotExist", [], 3, False),
        ("EqualTo", [1], None, False),
    ],
)
def test_a_qualification_is_asked_for_by_value(comparator, values, own, may):
    campaign = open_ended(requirements=[{"name": "spelling", "comparator": comparator, "values": values}])
    asked(campaign)
    worker = worker_of(campaign)
    if own is not None:
        workforce.grant(worker, name="spelling", value=own)

    if may:
        assert work.lease(campaign, worker=worker).state == "leased"
    else:
        with pytest.raises(NoWork, match=r"spelling|not offered"):
            work.lease(campaign, worker=worker)


def test_pages_approved_and_their_share_are_counted():
    campaign = open_ended()
    for _ in range(2):
        asked(campaign, wanted=1)
    worker = worker_of(campaign)
    for verdict in (Review.Verdict.APPROVE, Review.Verdict.REJECT):
        page = work.lease(campaign, worker=worker)
        work.submit(page.pk, worker=worker, answers=answered(page))
        quality.decide(quality.review(page), verdict=verdict, reason="seen", by=member(campaign.organization))
    asked(campaign, wanted=1)

    def may(name: str, least: int) -> bool:
        asks = [{"name": name, "comparator": "GreaterThanOrEqualTo", "values": [least]}]
        Campaign.objects.filter(pk=campaign.pk).update(requirements=asks)
        try:
            page = work.lease(campaign, worker=worker)
        except NoWork:
            return False
        return bool(work.give_back(page.pk, worker=worker))

    assert [may("pages approved", 1), may("pages approved", 2)] == [True, False]
    assert [may("percent of pages approved", 50), may("percent of pages approved", 51)] == [True, False]
