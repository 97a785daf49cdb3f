"""Offers that a market is too busy to tell of, may have made without a word, or does not know yet."""

from datetime import timedelta
from importlib import import_module

import pytest
from botocore.exceptions import ConnectionClosedError
from django.db import connection

from apps.channels import services as channels
from apps.channels.base import Standing
from apps.channels.models import Intent, Publication
from apps.channels.services.confirming import IDLE
from apps.core import clock
from apps.ledger.models import Budget
from apps.pipeline import flow, outside
from apps.pipeline.motor import Next
from tests import belt
from tests.channels.faults import between, fine, reset_after, throttled, unavailable
from tests.channels.market import accept, launched, looked_at, offered
from tests.channels.test_refusals_and_late_payments import losing
from tests.turkapi import over_boto3

pytestmark = pytest.mark.django_db


def reset_before(request):
    raise ConnectionClosedError(endpoint_url=request.url)


def in_doubt(market, fault):
    """Return a campaign of whose only offer nobody told whether it was made, and the calls made for it."""
    calls = []

    def wire(request):
        if not str(request.headers["X-Amz-Target"]).rstrip("'").endswith(".CreateHIT"):
            return fine(request)
        calls.append(request)
        return fault(request)

    campaign = offered(items=2, page_size=2, redundancy=1)
    between(market.client(), iter(lambda: wire, None))
    flow.launch(campaign)
    belt.run()
    assert (Publication.objects.get().state, Intent.objects.get().state, len(calls)) == ("planned", "sending", 1)
    return campaign, calls


def test_a_busy_market_is_asked_again_no_sooner_than_one_that_answers(market):
    launched(items=2, page_size=2, redundancy=1)
    offer = Publication.objects.get()
    between(market.client(), iter(lambda: unavailable, None))
    asked_at = clock.now()

    assert outside.collect(offer.pk) == []

    offer.refresh_from_db()
    assert offer.problem
    assert offer.due_at >= asked_at + IDLE


def test_however_many_offers_there_are_looks_at_them_take_half_of_the_calls_at_most(market, settings):
    for _ in range(2):
        launched(items=2, page_size=2, redundancy=1)
    quiet, busy = Publication.objects.order_by("planned_at")
    channels.withdraw(busy)
    settings.MTURK_RATE = [0.01, 100]  # 864 a day
    day, calls = 86_400, 0

    for offer in (quiet, busy):
        channels.not_heard(offer, problem="")
        offer.refresh_from_db()
        calls += 2 * day / (offer.due_at - clock.now()).total_seconds()

    assert 200 < calls <= 864 / 2 + 1


def test_a_look_that_finds_nothing_new_has_nothing_follow(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    offer = Publication.objects.get()
    assert outside.collect(offer.pk) == []
    accept(market).work()

    assert Next("publish", campaign.pk) in outside.collect(offer.pk)


def test_a_stopped_campaigns_offer_that_was_never_seen_is_not_sent_again_and_given_up(market, time_machine):
    campaign, calls = in_doubt(market, reset_before)
    flow.stop_outside(campaign)
    offer = Publication.objects.get()

    outside.offer(offer.pk)
    assert (Publication.objects.get().state, len(calls)) == ("planned", 1)
    time_machine.move_to(clock.now() + timedelta(hours=24))
    outside.offer(offer.pk)
    belt.run()

    assert (Publication.objects.get().state, Intent.objects.get().state, len(calls)) == ("dropped", "dropped", 1)
    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert market.hits() == []


def test_a_stopped_campaigns_offer_that_was_made_without_a_word_is_found_and_taken_off(market):
    campaign, calls = in_doubt(market, reset_after)
    flow.stop_outside(campaign)

    for _ in range(3):
        looked_at()

    assert (Publication.objects.get().state, len(calls)) == ("disposed", 1)
    campaign.refresh_from_db()
    assert campaign.state == "stopped"


def test_an_offer_made_just_now_though_planned_long_ago_is_not_gone_because_lists_lag(market):
    launched(items=2, page_size=2, redundancy=1)
    long_ago = clock.now() - timedelta(days=2)
    Publication.objects.update(planned_at=long_ago, looked_at=None)
    offer = Publication.objects.get()
    losing(market, offer.name)

    assert outside.collect(offer.pk) == []
    assert Publication.objects.get().state == "live"

    Publication.objects.update(offered_at=long_ago)
    outside.collect(offer.pk)
    assert Publication.objects.get().state == "collected"


def test_an_offer_that_seems_over_just_after_it_was_made_is_not_though_planned_long_ago(market, settings):
    launched(items=2, page_size=2, redundancy=1)
    settings.MARKET_LAG_SECONDS = 600
    Publication.objects.update(planned_at=clock.now() - timedelta(days=2))
    offer = Publication.objects.get()

    moved = channels.looked(offer, read_at=clock.now(), standing=Standing(1, 0, is_open=False))

    assert (moved, Publication.objects.get().state) == (False, "live")


def extending(market, fault):
    """Have this befall whatever asks for more slots."""

    def wire(request):
        named = str(request.headers["X-Amz-Target"]).rstrip("'").endswith(".CreateAdditionalAssignmentsForHIT")
        return fault(request) if named else fine(request)

    between(market.client(), iter(lambda: wire, None))


def test_who_took_a_slot_of_an_extension_nobody_told_of_as_all_was_stopped_has_a_page(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    extending(market, reset_after)
    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    belt.run()
    first, second = accept(market), accept(market)

    flow.stop_outside(campaign)
    belt.run()

    assert (Publication.objects.get().slots, market.hits()[0].most) == (2, 2)
    for frame in (first, second):
        assert frame.get().status_code == 200
        frame.work()
    for _ in range(3):
        looked_at()
    offer = Publication.objects.get()
    assert (offer.state, offer.asked, offer.slots) == ("disposed", 2, 2)
    assert Budget.objects.get(owner=campaign.key).held == 0


def test_an_extension_that_was_not_made_as_all_was_stopped_is_wanted_no_more(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    extending(market, reset_before)
    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    belt.run()

    flow.stop_outside(campaign)
    looked_at()

    offer = Publication.objects.get()
    assert (offer.state, offer.asked, offer.slots, market.hits()[0].most) == ("disposed", 1, 1, 1)
    assert Budget.objects.get(owner=campaign.key).held == 0


@pytest.mark.parametrize(
    ("fault", "slots", "ends"), [(reset_after, 2, "done"), (reset_before, 1, "dropped"), (throttled, 1, "dropped")]
)
def test_of_an_extension_under_way_as_all_was_stopped_it_is_known_in_the_end_what_came(market, fault, slots, ends):
    campaign = launched(items=2, page_size=2, redundancy=1)
    extending(market, fault)
    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    belt.run()
    assert Intent.objects.get(verb="extend").state in ("planned", "sending")

    flow.stop_outside(campaign)
    for _ in range(3):
        looked_at()

    offer = Publication.objects.get()
    assert (offer.state, offer.slots, market.hits()[0].most) == ("disposed", slots, slots)
    assert Intent.objects.get(verb="extend").state == ends
    assert not Intent.objects.filter(state__in=["planned", "sending"]).exists()


def test_an_extension_that_never_left_us_and_somebody_else_made_is_wanted_no_more(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    extending(market, throttled)
    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    belt.run()
    over_boto3.turk(market.user).create_additional_assignments_for_hit(
        HITId=Publication.objects.get().name, NumberOfAdditionalAssignments=1
    )

    flow.stop_outside(campaign)
    for _ in range(3):
        looked_at()

    assert (Publication.objects.get().slots, Intent.objects.get(verb="extend").state) == (2, "dropped")


@pytest.mark.parametrize(
    ("state", "to", "ends"), [("sending", 1, "done"), ("sending", 2, "dropped"), ("planned", 1, "dropped")]
)
def test_extensions_of_offers_that_were_over_before_such_were_ended_are_ended_by_a_migration(market, state, to, ends):
    campaign = launched(items=2, page_size=2, redundancy=1)
    extending(market, throttled)
    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    belt.run()
    intent = Intent.objects.get(verb="extend")
    flow.stop_outside(campaign)
    for _ in range(3):
        looked_at()
    offer = Publication.objects.get()
    asked = {**intent.asked, "to": to}
    Intent.objects.filter(pk=intent.pk).update(state=state, asked=asked, problem="", sent_at=clock.now())

    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(import_module("apps.channels.migrations.0016_extensions_of_offers_that_are_over").END)

    assert (offer.state, offer.slots) == ("disposed", 1)
    intent.refresh_from_db()
    assert (intent.state, bool(intent.problem), bool(intent.receipt)) == (ends, ends == "dropped", ends == "done")
