"""Steps may be lost, done twice and done at once: each has its effect, and has it once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core.states import IllegalMove
from apps.datasets import services as datasets
from apps.datasets.models import Import, Item
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget, Entry
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import actors, flow, steps
from apps.pipeline.motor import Next
from apps.quality import services as quality
from apps.quality.models import Combination, Consensus, Review
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from tests import belt
from tests.factories import DatasetFactory, ItemFactory, draft, member
from tests.running import answered, handed_in, launching, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


def together(*acts) -> list[object]:
    """Do all of these at the same moment, each with a connection of its own; return what they return or refuse with."""

    def alone(act):
        try:
            return act()
        except IllegalMove as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(alone, acts))


def many_times(step, pk) -> None:
    together(*[lambda: step(pk)] * AT_ONCE)
    step(pk)


def test_a_page_settled_by_many_at_once_is_approved_and_owed_once():
    campaign = running(items=10, price=10)
    page = handed_in(campaign)

    many_times(steps.settle, page.pk)

    assert Assignment.objects.get().state == "approved"
    assert Review.objects.count() == Obligation.objects.count() == 1
    assert Entry.objects.filter(reference=f"obligation:{page.pk}").count() == 1
    assert Trail.objects.filter(subject=f"assignment:{page.pk}").count() == 1
    assert (Budget.objects.get().held, Budget.objects.get().spent) == (0, 10)
    assert books.imbalances() == []


def test_pages_settled_together_by_many_at_once_are_each_approved_and_owed_once():
    campaign = running(items=10, price=10, page_size=2, redundancy=3)
    pages = [handed_in(campaign) for _ in range(6)]

    many_times(steps.settle_all, campaign.pk)

    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    assert Review.objects.count() == Obligation.objects.count() == len(pages)
    assert Trail.objects.filter(subject__startswith="assignment:").count() == len(pages)
    assert Entry.objects.filter(reference__startswith="obligation:").count() == len(pages)
    assert (Budget.objects.get().held, Budget.objects.get().spent) == (0, 60)
    assert books.imbalances() == []


def settle_apart(campaign_id) -> None:
    for page in Assignment.objects.filter(campaign=campaign_id):
        steps.settle(page.pk)


def test_pages_settled_together_become_what_each_would_have_become_by_itself():
    became = []
    for settle in (steps.settle_all, settle_apart):
        campaign = running(items=20, gold=8, gold_share=0.5, early_gold=4, page_size=8, redundancy=3, price=10)
        for answer in ("cat", "dog", "cat"):
            handed_in(campaign, answer=answer)

        settle(campaign.pk)

        of = campaign.organization
        reviews = Review.objects.filter(assignment__campaign=campaign).order_by("assignment")
        lines = Trail.objects.filter(organization=of, subject__startswith="assignment:").order_by("pk")
        owed = Obligation.objects.filter(campaign=campaign).order_by("assignment")
        booked = Entry.objects.filter(organization=of, reference__startswith="obligation:").order_by("pk")
        budget = Budget.objects.get(owner=campaign.key)
        became.append((
            list(reviews.values_list("proposal", "verdict", "grounds", "reason", "decided_by", "assignment__state")),
            list(lines.values_list("verb", "reason", "data")),
            list(owed.values_list("kind", "amount", "currency")),
            list(booked.values_list("memo", "legs", "postings__account__kind", "postings__amount")),
            (budget.held, budget.spent),
        ))  # fmt: skip

    assert became[0] == became[1]
    assert [verdict for _, verdict, *_ in became[0][0]] == ["approve", "", "approve"]


def test_many_pages_are_settled_in_as_many_statements_as_few(django_assert_num_queries):
    campaign = running(items=40, page_size=1, redundancy=3, price=10)
    worker = worker_of(campaign)
    handed_in(campaign, worker)
    steps.settle_all(campaign.pk)  # the worker's account is opened
    handed_in(campaign, worker)
    with CaptureQueriesContext(connection) as few:
        steps.settle_all(campaign.pk)
    for _ in range(10):
        handed_in(campaign, worker)

    with django_assert_num_queries(len(few)):
        steps.settle_all(campaign.pk)


def test_a_page_that_cannot_be_settled_keeps_no_others_waiting():
    campaign = running(items=10, price=10, page_size=2, redundancy=3)
    bad, *others = [handed_in(campaign) for _ in range(4)]
    of = campaign.organization
    one, other = (ledger.account(of, kind="funds", currency="USD", owner=name) for name in ("one", "other"))
    ledger.post(of, reference=f"obligation:{bad.pk}", legs={one: -1, other: 1})  # what its own entry is to be called

    following = steps.settle_all(campaign.pk)

    assert Next("settle", bad.pk) in following
    assert dict(Assignment.objects.values_list("pk", "state")) == {
        bad.pk: "submitted", **{page.pk: "approved" for page in others}
    }  # fmt: skip
    assert Obligation.objects.count() == len(others)


def test_a_person_and_the_rule_who_decide_at_once_decide_one_way_and_pay_accordingly():
    for turn in range(6):
        campaign = running(items=5, page_size=5, price=10)
        person = member(campaign.organization, "reviewer")
        page = handed_in(campaign)
        review = quality.review(page)
        reject = dict(verdict="reject", reason="not looked at", by=person)

        acts = [lambda: steps.settle(page.pk), lambda: flow.decide(review, **reject)]  # noqa: B023
        together(*(acts if turn % 2 else acts[::-1]))

        page.refresh_from_db()
        review.refresh_from_db()
        assert (page.state, review.verdict) in {("approved", "approve"), ("rejected", "reject")}
        assert Obligation.objects.filter(assignment=page).count() == (page.state == "approved")


def test_a_dataset_split_by_many_at_once_gives_each_item_one_task_and_opens_the_campaign_once():
    campaign = launching(items=40)

    many_times(steps.split, campaign.pk)

    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert Task.objects.count() == Task.objects.values("item").distinct().count() == 40


def test_a_campaign_finished_by_many_at_once_ends_once_and_gives_its_budget_back_once():
    campaign = running(items=2, page_size=2, redundancy=1, price=10, budget=100)
    steps.settle(handed_in(campaign).pk)

    many_times(steps.finish, campaign.pk)

    assert Trail.objects.filter(subject=campaign.key, verb="completed").count() == 1
    assert Entry.objects.filter(reference__startswith="close:").count() == 1
    assert books.balance(campaign.organization, kind="funds", currency="USD") == 90
    assert set(Consensus.objects.values_list("final", flat=True)) == {True}


def test_a_completed_campaign_reopened_by_many_at_once_takes_its_money_back_once():
    campaign = running(items=2, page_size=2, redundancy=1, price=10, budget=100)
    steps.settle(handed_in(campaign).pk)
    steps.finish(campaign.pk)
    ItemFactory(dataset=campaign.dataset)

    many_times(steps.split, campaign.pk)

    campaign.refresh_from_db()
    assert (campaign.state, Budget.objects.get().amount) == ("running", 100)
    assert Trail.objects.filter(subject=campaign.key, verb="reopen").count() == 1


def test_a_lease_ended_by_many_at_once_gives_its_tasks_and_its_money_back_once():
    campaign = running(items=5, price=10)
    page = work.lease(campaign, worker=worker_of(campaign))
    Assignment.objects.update(expires_at=page.leased_at)

    many_times(steps.expire, page.pk)

    assert Assignment.objects.get().state == "expired"
    assert Budget.objects.get().held == 0
    assert set(Task.objects.values_list("taken", flat=True)) == {0}


def test_a_rejected_pages_money_let_go_by_many_at_once_is_let_go_once():
    campaign = running(items=5, price=10)
    page = handed_in(campaign)
    quality.decide(
        quality.review(page), verdict="reject", reason="not looked at", by=member(campaign.organization, "reviewer")
    )
    Assignment.objects.update(disputable_until=page.leased_at)

    many_times(steps.release, page.pk)

    assert Budget.objects.get().held == 0
    assert Trail.objects.filter(subject=f"assignment:{page.pk}", verb="let go").count() == 1


def test_judgments_combined_by_many_at_once_are_combined_once():
    campaign = running(items=5, redundancy=1)
    handed_in(campaign)

    many_times(steps.combine, campaign.pk)

    assert Combination.objects.get().judgments_fitted == 5
    assert Consensus.objects.count() == 5


def test_a_campaign_launched_by_many_at_once_is_funded_once():
    campaign = draft(budget=100)
    ledger.deposit(campaign.organization, amount=1000, currency="USD", reference="bank")

    answers = together(*[lambda: campaigns.launch(Campaign.objects.get())] * AT_ONCE)

    assert sum(isinstance(answer, IllegalMove) for answer in answers) == AT_ONCE - 1
    assert Budget.objects.get().amount == 100
    assert Trail.objects.filter(verb="launch").count() == 1


def test_topping_up_stopping_and_handing_in_at_once_never_wait_in_a_circle():
    campaign = running(items=60, page_size=2, redundancy=1, price=10, budget=1000)
    ledger.deposit(campaign.organization, amount=1000, currency="USD", reference="more")
    numbers = count()

    def hand_in() -> None:
        worker = worker_of(campaign)
        try:
            for _ in range(4):
                page = work.lease(campaign, worker=worker)
                work.submit(page.pk, worker=worker, answers=answered(page))
                steps.settle(page.pk)
        except NoWork:
            pass

    def add() -> None:
        for _ in range(4):
            flow.top_up(Campaign.objects.get(), amount=10, reference=f"{next(numbers)}")

    together(*[hand_in] * 4, *[add] * 2, lambda: campaigns.stop(Campaign.objects.get()))
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    assert Budget.objects.get().held == 0
    assert books.imbalances() == []


# Imports


def file_of(folder, rows: int, name: str = "items.jsonl") -> str:
    file = folder / name
    file.write_text("".join(f'{{"external_id": "{name}-{n}", "text": "x"}}\n' for n in range(rows)))
    return str(file)


def test_a_long_file_is_read_in_stretches_and_never_counted_as_failed(tmp_path):
    rows = 25_000  # three batches
    job = datasets.start_import(DatasetFactory(), path=file_of(tmp_path, rows))

    stretches = []
    while following := steps.read_on(job.pk, seconds=0):
        assert following == [Next("bring_in", job.pk)]
        stretches.append(Import.objects.get().rows_read)

    assert stretches == [10_000, 20_000, rows]
    assert Import.objects.get().state == "done"
    assert Item.objects.count() == rows


def test_an_import_that_another_one_keeps_waiting_is_not_counted_as_failed_and_comes_later(tmp_path):
    dataset = DatasetFactory()
    first = datasets.start_import(dataset, path=file_of(tmp_path, 3, "first.jsonl"))
    second = datasets.start_import(dataset, path=file_of(tmp_path, 3, "second.jsonl"))
    meanwhile = []

    def other(job: Import) -> None:
        meanwhile.extend(together(lambda: steps.bring_in(second.pk)))

    datasets.run_import(first.pk, progress=other)

    assert meanwhile == [[]]
    assert Import.objects.get(pk=second.pk).state == "waiting"
    belt.run()
    assert Item.objects.count() == 6


def test_items_brought_in_are_split_for_every_campaign_over_them(tmp_path):
    campaign = running(items=2)
    other = campaigns.clone(campaign, name="another")
    job = datasets.start_import(campaign.dataset, path=file_of(tmp_path, 3))

    following = steps.bring_in(job.pk)

    assert following == [Next("split", campaign.pk)]  # a draft has no tasks yet
    assert other.state == "draft"


# All messages lost


def test_with_every_message_lost_the_sweep_alone_brings_everything_to_its_end(tmp_path):
    campaign = draft(items=6, gold=2, page_size=3, redundancy=2, price=9, gold_share=0.2, early_gold=1)
    ledger.deposit(campaign.organization, amount=campaign.budget, currency="USD", reference="bank")
    campaigns.launch(campaign)
    job = datasets.start_import(campaign.dataset, path=file_of(tmp_path, 4))

    workers = [worker_of(campaign) for _ in range(3)]
    for _ in range(30):
        belt.sweep()
        for worker in workers:
            try:
                page = work.lease(campaign, worker=worker)
            except NoWork:
                continue
            work.submit(page.pk, worker=worker, answers=answered(page))

    campaign.refresh_from_db()
    assert Import.objects.get(pk=job.pk).state == "done"
    assert campaign.state == "completed"
    assert Consensus.objects.filter(final=True, votes=2).count() == 8
    approved = Assignment.objects.filter(state="approved")
    assert approved.count() == Assignment.objects.count() == Obligation.objects.count()
    assert Budget.objects.get().held == 0
    assert books.imbalances() == []


def test_every_message_delivered_three_times_at_once_has_the_effect_of_one():
    campaign = launching(items=8, page_size=4, redundancy=2, price=10, budget=1000)
    worker_of_each = [worker_of(campaign) for _ in range(2)]

    def thrice(each: Next) -> None:
        together(*[lambda: actors.MOTOR.steps[each.step].run(each.pk)] * 3)

    for _ in range(12):
        for each in belt.due():
            thrice(each)
        for worker in worker_of_each:
            try:
                page = work.lease(campaign, worker=worker)
            except NoWork:
                continue
            work.submit(page.pk, worker=worker, answers=answered(page))

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert (Budget.objects.get().spent, Obligation.objects.count()) == (40, 4)
    assert Trail.objects.filter(subject=campaign.key).count() == 2
    assert Task.objects.count() == Consensus.objects.count() == 8
    assert books.imbalances() == []
