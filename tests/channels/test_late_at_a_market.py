"""What comes late at a market: submissions that its list is behind with, slots taken again, offers that are over."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from botocore.exceptions import ConnectionClosedError
from django.core.management import CommandError

from apps.channels.models import Claim, Grant, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Settlement
from apps.pipeline import flow, market_people
from apps.work.models import Judgment
from apps.workforce import services as workforce
from apps.workforce.models import Restriction
from tests import belt
from tests.channels.faults import answered, between, fine, send
from tests.channels.market import Market, accept, form_of, launched, looked_at, worked
from tests.console.test_commands import said
from tests.factories import member

pytestmark = pytest.mark.django_db


@contextmanager
def lagging(market: Market) -> Iterator[None]:
    """Have the market's lists of what was handed in be empty meanwhile."""
    lags = True

    def behind(request):
        if lags and "ListAssignmentsForHIT" in str(request.headers["X-Amz-Target"]):
            return answered(request, 200, json.dumps({"NumResults": 0, "Assignments": []}).encode())
        return fine(request)

    between(market.client(), iter(lambda: behind, None))
    yield
    lags = False


def test_what_is_listed_only_after_its_campaign_has_ended_is_taken_in_held_for_and_paid(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    with lagging(market):
        frame.work()
        flow.stop_outside(campaign)
        for _ in range(3):
            looked_at()
        campaign.refresh_from_db()
        assert (campaign.state, Publication.objects.get().state) == ("stopped", "collected")
        assert Budget.objects.get(owner=campaign.key).amount == 0

    for _ in range(4):
        looked_at()

    claim = frame.claim()
    assert (claim.state, claim.page.state, claim.page.pay) == ("confirmed", "approved", 10)
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert Publication.objects.get().state == "disposed"
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert books.imbalances() == []


@pytest.mark.parametrize("claimed", [None, 100_000.0])
def test_the_time_until_the_market_lists_a_page_is_no_time_worked(market, time_machine, claimed):
    launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    time_machine.move_to(clock.now() + timedelta(seconds=30))
    form = form_of(frame.save())
    Claim.objects.update(active_seconds=claimed)  # as the page's script may say
    with lagging(market):
        frame.submit(form)
        looked_at()
    time_machine.move_to(clock.now() + timedelta(hours=5))

    looked_at()

    page = frame.claim().page
    assert (frame.claim().note, page.places.filter(state="answered").count()) == ("", 2)
    assert 30 <= page.active_seconds < 60
    assert all(judgment.seconds < 60 for judgment in Judgment.objects.all())


def test_an_offer_whose_time_is_over_by_our_clock_is_taken_off_the_market_before_another_is_made(market):
    launched(items=2, page_size=2, redundancy=1)
    (hit,) = market.hits()
    assert hit.task.closes_at > clock.now()

    Publication.objects.update(expires_at=clock.now())
    looked_at()

    old, new = market.hits()
    assert (old, old.task.closes_at <= clock.now()) == (hit, True)
    assert new.task.closes_at > clock.now()


def test_an_offer_that_somebody_took_off_at_the_market_is_over_here_too_and_another_is_made(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    offer = Publication.objects.get()

    market.client().update_expiration_for_hit(HITId=offer.name, ExpireAt=0)
    for _ in range(2):
        looked_at()

    offer.refresh_from_db()
    assert offer.state == "disposed"
    assert Publication.objects.get(state="live").asked == 1
    assert Budget.objects.get(owner=campaign.key).held == 10


def test_a_slot_that_its_worker_gave_back_and_took_again_has_its_whole_time(market, settings, time_machine):
    settings.MARKET_LAG_SECONDS = 120  # so long the market may not count them at work again
    launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    time_machine.move_to(clock.now() + timedelta(hours=1))
    looked_at()
    assert frame.claim().state == "lapsed"

    frame.get()
    looked_at()

    assert (frame.claim().state, frame.claim().page.state) == ("claimed", "leased")


def kept_on_the_wire(market, operation):
    """Have the next such call get no answer, and not arrive before it is let go: by what is returned."""
    kept = []

    def wire(request):
        if kept or not str(request.headers["X-Amz-Target"]).rstrip("'").endswith(f".{operation}"):
            return fine(request)
        kept.append(request)
        raise ConnectionClosedError(endpoint_url=request.url)

    between(market.client(), iter(lambda: wire, None))

    def let_go():
        (request,) = kept
        assert send(request).status_code == 200

    return let_go


def minutes_pass(time_machine, minutes):
    """Let so many minutes pass, and the belt do what is due by then."""
    time_machine.shift(timedelta(minutes=minutes))
    market_people.follow_stops()
    belt.run()


def stopped(campaign, frame):
    """Stop a worker here, so that the market is told."""
    workforce.restrict(frame.claim().worker, reason="Copies others")
    market_people.follow_stops()
    belt.run()
    return f"labelcrowd {campaign.organization.slug}: no work at present"


def lifted():
    Restriction.objects.filter(worker__channel="mturk").update(ends_at=clock.now())


@pytest.mark.parametrize("is_sent_again", [True, False])
def test_a_stop_that_comes_late_does_not_outlast_its_lifting(market, time_machine, is_sent_again):
    time_machine.move_to(clock.now(), tick=False)
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    let_go = kept_on_the_wire(market, "AssociateQualificationWithWorker")
    name = stopped(campaign, frame)
    assert Grant.objects.get(name=name).state == "wanted"
    if is_sent_again:
        minutes_pass(time_machine, 0.5)
        assert name in market.qualifications(frame.worker)

    lifted()
    minutes_pass(time_machine, 0.5)
    let_go()
    assert name in market.qualifications(frame.worker)
    minutes_pass(time_machine, 3)

    assert name not in market.qualifications(frame.worker)
    assert Grant.objects.get(name=name).state == "revoked"


def test_a_lifting_that_comes_late_does_not_end_the_stop_after_it(market, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    name = stopped(campaign, frame)
    let_go = kept_on_the_wire(market, "DisassociateQualificationFromWorker")
    lifted()
    minutes_pass(time_machine, 0.5)
    assert Grant.objects.get(name=name).state == "unwanted"

    stopped(campaign, frame)
    let_go()
    minutes_pass(time_machine, 3)

    assert name in market.qualifications(frame.worker)
    assert Grant.objects.get(name=name).state == "granted"


def test_a_block_that_comes_late_does_not_outlast_its_lifting(market, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    stopped(campaign, frame)
    boss = member(campaign.organization, email="boss@example.org")
    let_go = kept_on_the_wire(market, "CreateWorkerBlock")
    with pytest.raises(CommandError, match="not blocked there yet"):
        said("mturk", "block", market.name(frame.worker), reason="Copies others", by=boss.email)

    lifted()
    minutes_pass(time_machine, 0.5)
    let_go()
    minutes_pass(time_machine, 3)

    assert not Restriction.objects.filter(worker=frame.worker, ends_at=None).exists()
    assert Grant.objects.get(name="blocked").state == "revoked"


def test_what_was_told_with_an_answer_is_taken_back_at_once(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    name = stopped(campaign, frame)
    lifted()

    market_people.follow_stops()
    belt.run()

    assert name not in market.qualifications(frame.worker)
