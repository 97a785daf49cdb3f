"""Who found nothing left is kept from a campaign's offers as long as there is nothing for them, and no longer."""

from datetime import timedelta

import pytest

from apps.channels.models import Grant
from apps.core import clock
from apps.datasets import services as datasets
from apps.pipeline import flow, schedule
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from tests.channels.market import accept, launched, looked_at, worked
from tests.factories import number
from tests.running import worker_of

pytestmark = pytest.mark.django_db


def states(market, worker):
    """Return what the market is told of a worker in the campaign, and whether they hold that there."""
    found = Grant.objects.filter(worker__external_id=market.name(worker), name__endswith=": done").first()
    return found and found.state, any(name.endswith(": done") for name in market.qualifications(worker))


def empty_page(market, worker):
    frame = accept(market, worker)
    frame.get()
    frame.finish()
    looked_at()
    assert frame.claim().page.places_count == 0
    return frame


def passed():
    """Let the scheduler and the belt do what is due."""
    for entry in schedule.ENTRIES:
        if entry.name in ("follow stops", "welcome back"):
            entry.run()
    looked_at()


def test_an_empty_page_of_a_paused_campaign_keeps_nobody_out_when_it_goes_on(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    worker = market.worker()
    frame = accept(market, worker)
    flow.pause(campaign)
    frame.get()
    frame.finish()
    looked_at()
    assert (frame.claim().state, frame.claim().page.places_count) == ("confirmed", 0)

    campaign.refresh_from_db()
    flow.resume(campaign)
    looked_at()

    assert states(market, worker) == (None, False)
    assert not Grant.objects.exists()


def test_who_did_all_there_was_is_offered_it_again_when_items_came_in(market):
    campaign = launched(items=2, page_size=2, redundancy=12)
    worker = market.worker()
    worked(market, worker)
    empty_page(market, worker)
    passed()
    assert states(market, worker) == ("granted", True)

    for _ in range(2):
        datasets.add_item(campaign.dataset, external_id=f"new {number()}", data={"text": "A new one"})
    passed()
    passed()

    assert states(market, worker) == ("revoked", False)
    assert worked(market, worker).claim().page.places_count == 2


def test_who_found_all_in_others_hands_is_offered_it_again_when_they_let_it_go(market, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=1)
    worker = market.worker()
    frame = accept(market, worker)  # and opens it here when others have all of it
    theirs = [work.lease(campaign, worker=worker_of(campaign)).pk for _ in range(2)]
    frame.get()
    frame.finish()
    looked_at()
    assert frame.claim().page.places_count == 0
    passed()
    assert states(market, worker) == ("granted", True)

    Assignment.objects.filter(pk__in=theirs).update(expires_at=clock.now() - timedelta(seconds=1))
    for _ in range(2):
        passed()

    assert states(market, worker) == ("revoked", False)
    assert worked(market, worker).claim().page.places_count == 2


def test_who_hands_in_nothing_at_the_market_has_no_more_pages_of_a_campaign_than_others(market):
    """A script that accepts slots and hands them in bare was paid for each, without end."""
    launched(items=8, page_size=2, redundancy=6, most_pages=2)
    worker = market.worker()

    for state in (None, "granted"):
        frame = accept(market, worker)
        frame.submit({"assignmentId": frame.assignment, "done": "yes"})
        looked_at()
        assert (frame.claim().state, frame.claim().page.places_count) == ("confirmed", 0)
        passed()
        assert states(market, worker)[0] == state

    with pytest.raises(NoWork):
        accept(market, worker)


def test_who_may_do_no_more_stays_out_whatever_comes_in(market):
    campaign = launched(items=4, page_size=2, redundancy=2, most_pages=1)
    worker = market.worker()
    worked(market, worker)

    passed()

    assert Task.objects.filter(campaign=campaign, taken__lt=2).exists()
    assert states(market, worker) == ("granted", True)
