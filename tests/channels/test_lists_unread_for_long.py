"""A market's list that can't be read for days, as with keys that ran out: what workers handed in meanwhile counts, and
nobody else is paid for the same."""

from datetime import timedelta

import pytest

from apps.channels.models import Publication
from apps.channels.services import claiming
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Settlement
from apps.pipeline import flow
from apps.work import services as work
from apps.work.models import Judgment, Task
from tests.channels.faults import between, unreachable
from tests.channels.market import accept, form_of, launched, looked_at
from tests.channels.test_late_at_a_market import lagging
from tests.running import answered, worker_of

pytestmark = pytest.mark.django_db


def unread(market, time_machine, **time):
    """Let the time pass while nothing can be asked of the market; then it can again."""
    between(market.client(), iter(lambda: unreachable, None))
    time_machine.move_to(clock.now() + timedelta(**time))
    for _ in range(2):
        looked_at()
    market.reopen()


def judged(campaign):
    return sorted(Judgment.objects.filter(campaign=campaign).values_list("answer", flat=True))


def all_is_paid_once(campaign, frame, price=10):
    claim = frame.claim()
    assert (claim.state, claim.page.state, claim.page.pay) == ("confirmed", "approved", price)
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert Budget.objects.get(owner=campaign.key).held == sum(
        Publication.objects.filter(campaign=campaign).values_list("held", flat=True)
    )
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def test_what_was_saved_here_and_handed_in_there_is_kept_till_the_list_is_read(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    frame.work("dog")

    unread(market, time_machine, days=3)
    assert (frame.claim().state, frame.claim().page.state) == ("claimed", "leased")
    for _ in range(3):
        looked_at()

    assert judged(campaign) == ["dog", "dog"]
    assert frame.claim().note == ""
    all_is_paid_once(campaign, frame)
    assert len(market.hits()) == 1


@pytest.mark.parametrize("days", [1, 31], ids=["lost here", "kept too long"])
def test_answers_of_a_page_whose_time_was_over_count_where_nobody_else_was_asked(market, time_machine, days):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    frame.get()
    fields = form_of(frame.save("dog"))
    frame.submit(fields)
    if days == 1:  # our own commit was lost, and the market alone has the answers
        claim = frame.claim()
        type(claim).objects.update(answers=None, digest="", saved_at=None)
        type(claim.page).objects.filter(pk=claim.page.pk).update(expires_at=clock.now() + claiming.MARGIN)

    unread(market, time_machine, days=days)
    assert (frame.claim().state, frame.claim().page.state) == ("claimed", "expired")
    for _ in range(3):
        looked_at()

    assert judged(campaign) == ["dog", "dog"]
    all_is_paid_once(campaign, frame)


def lapsed(frame, time_machine):
    """Let a worker hand in both here and at a market that lists it so late that it is taken for never handed in."""
    frame.work("dog")
    time_machine.move_to(clock.now() + timedelta(hours=1))
    looked_at()


def test_what_lapsed_and_is_listed_after_all_counts_too(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    with lagging(market):
        lapsed(frame, time_machine)
        assert (frame.claim().state, frame.claim().page.state) == ("lapsed", "returned")

    for _ in range(3):
        looked_at()

    assert judged(campaign) == ["dog", "dog"]
    all_is_paid_once(campaign, frame)


def test_of_a_page_of_which_others_were_asked_a_part_the_rest_counts_and_it_is_paid_as_a_whole(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    with lagging(market):
        lapsed(frame, time_machine)
        one = Task.objects.filter(campaign=campaign).first()
        Task.objects.filter(pk=one.pk).update(taken=1, judged=1)  # somebody else answered it

    for _ in range(3):
        looked_at()

    assert judged(campaign) == ["dog"]
    all_is_paid_once(campaign, frame)


def test_a_page_of_which_all_went_to_others_is_paid_and_counts_for_nothing(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    with lagging(market):
        lapsed(frame, time_machine)
        other = worker_of(campaign)
        page = work.lease(campaign, worker=other)
        flow.submit(page.pk, worker=other, answers=answered(page, answer="cat"))

    for _ in range(3):
        looked_at()

    assert judged(campaign) == ["cat", "cat"]
    assert "gone to others" in frame.claim().note
    assert (frame.claim().page.pay, frame.claim().page.places_count) == (10, 0)
