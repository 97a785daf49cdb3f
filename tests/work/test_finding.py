"""Whether there is something for a worker, as a look tells, is whether a lease would find it."""

import pytest

from apps.work import services as work
from apps.work.errors import NoWork
from apps.workforce.models import Link, Worker
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def leases(campaign, worker):
    try:
        page = work.lease(campaign, worker=worker)
    except NoWork:
        return False
    work.give_back(page.pk, worker=worker)
    return True


@pytest.mark.parametrize(
    ("values", "pages", "is_left"),
    [
        ({"items": 4}, 1, True),
        ({"items": 4}, 2, False),
        ({"items": 4, "most_pages": 1}, 1, False),
        ({"items": 20, "gold": 2, "gold_share": 0.5, "early_gold": 1, "when_gold_is_used_up": "stop"}, 2, False),
        ({"items": 20, "gold": 2, "gold_share": 0.5, "early_gold": 1, "when_gold_is_used_up": "unscored"}, 2, True),
    ],
)
def test_it_is_what_a_lease_finds(values, pages, is_left):
    campaign = running(page_size=2, redundancy=2, **values)
    worker = worker_of(campaign)
    assert work.has_work(campaign, worker=worker)

    for _ in range(pages):
        handed_in(campaign, worker)

    assert (work.has_work(campaign, worker=worker), leases(campaign, worker)) == (is_left, is_left)
    found = work.may_find(Worker.objects.filter(pk=worker.pk), campaign).exists()
    assert found or not is_left
    assert not (found and "most_pages" in values)


@pytest.mark.parametrize("size", [1, 2])
def test_gold_that_was_let_go_is_not_left_where_its_end_ends_the_work(size):
    """Who let it go at a market had found an empty page that is paid, again and again."""
    asked = {"gold_share": 0.5, "early_gold": 5, "when_gold_is_used_up": "stop"}
    campaign = running(items=30, gold=2, page_size=size, redundancy=2, **asked)
    worker = worker_of(campaign)

    for _ in range(30):
        if not leases(campaign, worker):
            break

    assert not work.has_work(campaign, worker=worker) or leases(campaign, worker)


def test_what_others_have_in_hand_is_not_left_and_what_an_account_of_the_same_person_did_neither():
    campaign = running(items=2, page_size=2, redundancy=1)
    worker, other = worker_of(campaign), worker_of(campaign)
    page = work.lease(campaign, worker=other)
    assert not work.has_work(campaign, worker=worker)
    assert not work.may_find(Worker.objects.filter(pk=worker.pk), campaign).exists()

    work.give_back(page.pk, worker=other)
    assert work.has_work(campaign, worker=worker)

    twice = running(items=2, page_size=2, redundancy=2)
    first, second = sorted((worker_of(twice), worker_of(twice)), key=lambda each: each.pk)
    handed_in(twice, first)
    assert work.has_work(twice, worker=second)
    Link.objects.create(first=first, second=second, kind="device")
    assert not work.has_work(twice, worker=second)
