"""What was made at a market for one campaign, or for one worker's slot, is deleted there when nothing needs it."""

import json
from datetime import timedelta

import pytest
from django.core.management.base import CommandError

from apps.channels.models import Grant, Publication, Qualifier
from apps.core import clock
from apps.members.models import Trail
from apps.pipeline import flow
from apps.turkapi.models import Hit, QualificationType
from tests.channels.faults import between, fine, reset_after
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus
from tests.console.test_commands import said
from tests.factories import member
from tests.running import running as running_inside

pytestmark = pytest.mark.django_db


def kept(market):
    """Return what qualifications the market still has of ours."""
    rows = QualificationType.objects.filter(organization=market.organization, deleted_at=None)
    return set(rows.values_list("name", flat=True))


def done(campaign):
    return f"labelcrowd {campaign.pk.hex}: done"


def settle():
    """Let the belt run through everything that follows from another."""
    for _ in range(3):
        looked_at()


def test_a_stopped_campaign_leaves_no_qualification_of_its_own_and_others_keep_theirs(market):
    stopped = launched(items=8, page_size=2, redundancy=1, most_pages=1)
    running = launched(items=2, page_size=2, redundancy=1)
    worked(market)
    assert Grant.objects.get(name=done(stopped)).state == "granted"

    for _ in range(2):
        flow.stop_outside(stopped)
        settle()

    assert stopped.publications.exclude(state="disposed").count() == 0
    assert done(stopped) not in kept(market)
    assert done(running) in kept(market)
    assert any(name.endswith("no work at present") for name in kept(market))
    assert not Qualifier.objects.filter(name=done(stopped)).exists()
    assert not Grant.objects.filter(name=done(stopped)).exists()


def test_one_that_is_deleted_already_is_fine(market):
    campaign = launched(items=2, page_size=2, redundancy=1)

    loses = [True]

    def wire(request):
        is_it = loses and "DeleteQualificationType" in str(request.headers["X-Amz-Target"])
        return reset_after(request) if is_it else fine(request)

    between(market.client(), iter(lambda: wire, None))
    flow.stop_outside(campaign)
    settle()
    assert (done(campaign) in kept(market), Qualifier.objects.filter(name=done(campaign)).count()) == (False, 1)

    loses.clear()
    Qualifier.objects.update(due_at=clock.now())
    looked_at()

    assert not Qualifier.objects.filter(name=done(campaign)).exists()


def test_a_completed_campaign_may_be_opened_again_so_its_own_stays_for_a_month(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1)
    worked(market)
    settle()
    campaign.refresh_from_db()
    assert (campaign.state, done(campaign) in kept(market)) == ("completed", True)

    time_machine.move_to(clock.now() + timedelta(days=31))
    looked_at()

    assert done(campaign) not in kept(market)


def test_a_slot_of_ones_own_outlives_a_stop_which_says_so_and_its_qualification_goes_when_it_is_paid(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    worker = market.worker()
    frame = accept(market, worker)
    frame.get()
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="c1")
    looked_at()
    own = f"labelcrowd obligation:{owed.pk}"
    assert own in kept(market)

    told = said("mturk", "stop", campaign.name)
    settle()
    assert "1 of them are kept till they are taken or expire" in told
    assert own in kept(market)
    offer = Publication.objects.exclude(owed="").get()
    accept(market, worker, hit=Hit.objects.get(annotation=offer.key)).finish()
    settle()

    offer.refresh_from_db()
    assert (offer.state, own in kept(market)) == ("disposed", False)
    assert json.dumps(sorted(kept(market))).count("obligation") == 0


def test_a_campaign_of_our_own_pool_is_not_stopped_at_a_market_and_who_stops_one_there_is_in_the_trail(market):
    campaign, inside = launched(items=2, page_size=2, redundancy=1), running_inside()
    boss = member(campaign.organization)

    with pytest.raises(CommandError, match="offered at no outside market"):
        said("mturk", "stop", inside.name)
    with pytest.raises(CommandError, match="--by should be the e-mail"):
        said("mturk", "stop", campaign.name, by="nobody@example.org")
    said("mturk", "stop", campaign.name, by=boss.email)

    inside.refresh_from_db()
    assert inside.state == "running"
    assert Trail.objects.get(verb="stop", subject=campaign.key).actor == boss
