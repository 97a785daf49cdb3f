"""Accounts that look like one person's are found by keyed traces, and never judge the same item."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.core import clock
from apps.members.models import Trail
from apps.payments import destinations
from apps.payments import services as payments
from apps.pipeline import schedule
from apps.reports.offers import offer
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Place
from apps.workforce import erasing, linking
from apps.workforce.models import Link, Trace
from tests.factories import WorkerFactory, member
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def linked(campaign):
    """Return two workers who work in the same browser."""
    pair = worker_of(campaign), worker_of(campaign)
    for worker in pair:
        linking.note(worker, kind=Trace.Kind.DEVICE, value="browser of a puppeteer")
    return pair


def items_of(worker):
    return set(Place.objects.filter(worker=worker).values_list("task", flat=True))


def test_two_who_are_paid_at_the_same_place_are_linked_and_nothing_readable_is_kept():
    campaign = running()
    first, second = worker_of(campaign), worker_of(campaign)
    for worker, address in ((first, "Ada@example.org"), (second, "ada@Example.org")):
        payments.set_payout_method(worker, method=destinations.paypal(address=address))

    link = Link.objects.get()

    assert {link.first, link.second} == {first, second}
    assert link.kind == "payout"
    assert not Trace.objects.filter(digest__icontains="example").exists()  # its own letters are a to f
    assert Trail.objects.filter(verb="link").count() == 1


def test_the_same_trace_in_two_organizations_links_nobody():
    for worker in WorkerFactory.create_batch(2):
        linking.note(worker, kind=Trace.Kind.DEVICE, value="a browser")

    assert Link.objects.count() == 0
    assert len(set(Trace.objects.values_list("digest", flat=True))) == 2


def test_a_range_of_addresses_alone_links_nobody():
    campaign = running()
    for worker in (worker_of(campaign), worker_of(campaign)):
        linking.note(worker, kind=Trace.Kind.NETWORK, value=linking.range_of("203.0.113.77"))

    assert Link.objects.count() == 0


def test_three_accounts_of_one_browser_are_three_links_however_often_they_come():
    campaign = running()
    workers = [worker_of(campaign) for _ in range(3)]

    for worker in workers * 2:
        linking.note(worker, kind=Trace.Kind.DEVICE, value="a browser")

    assert Link.objects.count() == 3


def test_linked_accounts_never_judge_the_same_item():
    campaign = running(items=20, page_size=5, redundancy=2)
    first, second = linked(campaign)

    for _ in range(2):
        handed_in(campaign, first)
        handed_in(campaign, second)

    assert len(items_of(first)) == len(items_of(second)) == 10
    assert not items_of(first) & items_of(second)


def test_when_one_account_has_done_all_there_is_nothing_left_for_the_other():
    campaign = running(items=5, page_size=5, redundancy=2)
    first, second = linked(campaign)
    handed_in(campaign, first)

    with pytest.raises(NoWork) as refused:
        work.lease(campaign, worker=second)

    assert refused.value.reason == "done"
    assert offer(campaign, second).questions_left == 0
    assert work.lease(campaign, worker=worker_of(campaign)).places_count == 5


def test_who_turns_out_to_be_two_people_share_items_again_and_stay_unlinked():
    campaign = running(items=5, page_size=5, redundancy=2)
    first, second = linked(campaign)
    handed_in(campaign, first)
    by = member(campaign.organization)

    linking.clear(Link.objects.get(), reason="sisters, I know both", by=by)
    linking.note(second, kind=Trace.Kind.PAYOUT, value="an account")
    linking.note(first, kind=Trace.Kind.PAYOUT, value="an account")

    assert work.lease(campaign, worker=second).places_count == 5
    assert Link.objects.filter(cleared_at=None).count() == 0
    assert Trail.objects.get(verb="clear link").reason == "sisters, I know both"


def test_a_link_is_cleared_with_a_reason_or_not_at_all():
    campaign = running()
    linked(campaign)

    with pytest.raises(linking.NotCleared, match="how you know"):
        linking.clear(Link.objects.get(), reason=" ", by=member(campaign.organization))
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.update(cleared_at=clock.now())


def test_traces_are_forgotten_after_ninety_days_and_with_their_worker():
    campaign = running()
    first, second = linked(campaign)
    erasing.erase(first)
    left = list(Trace.objects.values_list("worker", flat=True))

    with time_machine.travel(clock.now() + timedelta(days=91)):
        schedule.forget()

    assert left == [second.pk]
    assert Trace.objects.count() == 0
    assert Link.objects.count() == 1
