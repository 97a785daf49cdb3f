"""How many judgments more a budget pays for, gold on top; at a market: tests/channels/test_affording_slots.py."""

import pytest

from apps.ledger.models import Budget
from apps.pipeline import affording, preflight
from apps.work.models import Task
from tests.running import handed_in, report_everything, running, work_through, worker_of

pytestmark = pytest.mark.django_db


def test_what_is_asked_already_comes_first():
    campaign = running(items=10, redundancy=2, page_size=10, price=10, budget=50, broken_after=1)
    assert affording.judgments_left(campaign) == 30

    handed_in(campaign)

    assert affording.judgments_left(campaign) == 30


@pytest.mark.parametrize(("early", "share", "left"), [(0, 0.0, 90), (0, 0.1, 80), (2, 0.1, 70), (2, 0.4, 50)])
def test_gold_is_paid_on_top_as_much_of_it_as_workers_who_leave_early_get(early, share, left):
    campaign = running(
        items=13, gold=3, redundancy=1, page_size=10, price=10, budget=100, early_gold=early, gold_share=share,
        broken_after=1,
    )  # fmt: skip

    assert affording.judgments_left(campaign) == left


def test_what_pays_nothing_has_no_bound():
    assert affording.judgments_left(running(price=0)) is None


@pytest.mark.parametrize(("redundancy", "broken_after", "worst"), [(1, 2, 20), (2, 3, 40), (3, 1, 30)])
def test_reports_take_no_room_and_the_worst_case_pays_for_them(redundancy, broken_after, worst):
    campaign = running(
        items=10, page_size=1, price=1, redundancy=redundancy, broken_after=broken_after, budget=worst, grace_seconds=0
    )
    assert preflight.plan(campaign).worst_cost == worst == affording.left_to_pay(campaign)[1]

    for _ in range(broken_after - 1):
        report_everything(campaign, worker_of(campaign))
    assert affording.left_to_pay(campaign)[1] == 10 * redundancy
    for _ in range(redundancy):
        work_through(campaign, worker_of(campaign))

    assert set(Task.objects.values_list("judged", "state")) == {(redundancy, "open")}
    budget = Budget.objects.get(owner=campaign.key)
    assert budget.free == 0


def test_what_may_be_reported_is_not_spent_on_asking_again():
    campaign = running(
        items=10, page_size=10, price=10, redundancy=1, redundancy_max=3, broken_after=2, budget=30, gold_share=0.0
    )
    assert affording.judgments_left(campaign) == 10

    handed_in(campaign)

    assert affording.judgments_left(campaign) == 10  # each item may be reported once, now as before
