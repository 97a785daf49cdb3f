"""Who found nothing left is kept from a campaign's offers as long as there is nothing for them, and no longer."""

from datetime import timedelta

import pytest

from apps.channels import services as channels
from apps.channels.models import Grant
from apps.core import clock
from apps.datasets import services as datasets
from apps.pipeline import flow, schedule
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Seat, Task
from apps.workforce import services as workforce
from apps.workforce.models import Skill
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


def kept_out(campaign, *, workers):
    """Have so many workers be kept out, who were asked no open question, and may have none: by each of the ways."""
    scope = campaign.key
    for n in range(workers):
        worker = worker_of(campaign)
        channels.granting.keep_out(worker, campaign=campaign, environment="testserver")
        if n % 3 == 0:
            workforce.restrict(worker, reason="Copies", scope=scope)
        elif n % 3 == 1:
            Skill.objects.create(worker=worker, scope=scope, mean=0.2, low=0.1, high=0.3, gold_answers=9)
        else:
            Seat.objects.create(campaign=campaign, worker=worker, places=100, golds=0, task_cursor=0, gold_cursor=0)


@pytest.mark.parametrize("workers", [3, 12])
def test_what_is_asked_for_those_who_are_kept_out_does_not_grow_with_them(market, django_assert_num_queries, workers):
    campaign = launched(
        items=4, page_size=2, redundancy=2, gold=2, gold_share=0.5, when_gold_is_used_up="stop", least_skill=0.5
    )
    kept_out(campaign, workers=workers)
    Task.objects.filter(gold=True).update(state="suspended")

    with django_assert_num_queries(4):  # demand, who may find something, and a savepoint's two
        assert channels.welcome_back(campaign, environment="testserver") == 0
