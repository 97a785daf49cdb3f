"""A pool that is smaller than an offer: its open slots are offered anew, or it is said whom they wait for."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.channels import queries
from apps.channels.models import Claim, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.members.models import Role
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_said_when_there_is_nothing import said
from tests.factories import member, number

pytestmark = pytest.mark.django_db
IDLE = timedelta(minutes=31)


def open_at(market) -> int:
    """Return how many slots workers can take at the market."""
    listed = market.client().list_hits(MaxResults=100)["HITs"]
    now = clock.now()
    return sum(hit["NumberOfAssignmentsAvailable"] for hit in listed if hit["Expiration"] > now)


def page_of(campaign) -> str:
    client = Client()
    client.force_login(member(campaign.organization, Role.REQUESTER))
    return client.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()


def test_what_a_small_pool_leaves_is_offered_anew_until_all_is_done(market, time_machine):
    campaign = launched(items=6, page_size=1, redundancy=1, price=10)
    worker, most = market.worker(), 0

    for done in range(6):
        assert open_at(market) == queries.demand(campaign) == 6 - done
        hit = max(market.hits(), key=lambda each: each.created_at)
        accept(market, worker, hit=hit).work()
        for _ in range(4):
            time_machine.move_to(clock.now() + IDLE / 3)
            looked_at()
            most = max(most, open_at(market) - queries.demand(campaign))

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert most <= 0  # never more than tasks want
    assert open_at(market) == 0
    assert books.imbalances() == []


def test_an_offer_is_left_alone_while_somebody_came_lately(market, time_machine):
    campaign = launched(items=3, page_size=1, redundancy=1, price=10)
    worked(market)
    time_machine.move_to(clock.now() + timedelta(minutes=20))
    worked(market)
    time_machine.move_to(clock.now() + timedelta(minutes=20))

    looked_at()

    assert list(Publication.objects.values_list("state", flat=True)) == ["live"]
    assert "waited" not in said("mturk", "status", campaign.name)
    assert "waited" not in page_of(campaign)


def test_where_all_who_came_have_nothing_left_it_is_said_and_nothing_is_offered_anew(market, time_machine, caplog):
    campaign = launched(items=1, page_size=1, redundancy=3, price=10)
    worked(market)
    time_machine.move_to(clock.now() + IDLE)

    with caplog.at_level(logging.WARNING):
        looked_at()
        looked_at()

    whom = "for others than the 1 who came, who were asked all that is open: invite more workers"
    assert Publication.objects.get().state == "live"
    assert f"2 of its slots have waited since {clock.now() - IDLE:%Y-%m-%d}" in said("mturk", "status", campaign.name)
    assert whom in said("mturk", "status", campaign.name)
    assert whom in page_of(campaign)
    assert caplog.text.count(whom) == 1


def test_where_nobody_ever_came_it_is_said_and_nothing_is_offered_anew(market, time_machine):
    campaign = launched(items=2, page_size=1, redundancy=1, price=10)
    time_machine.move_to(clock.now() + IDLE)

    looked_at()

    assert "and nobody has taken any: see whether anybody is there" in said("mturk", "status", campaign.name)
    assert "and nobody has taken any" in page_of(campaign)
    assert Publication.objects.get().state == "live"


def test_a_market_that_took_it_off_and_was_not_heard_makes_no_more_slots(market, time_machine):
    """The process ends between the market's word and ours."""
    campaign = launched(items=3, page_size=1, redundancy=1, price=10)
    worked(market)
    time_machine.move_to(clock.now() + IDLE)
    market.client().update_expiration_for_hit(HITId=Publication.objects.get().name, ExpireAt=0)

    for _ in range(3):
        looked_at()

    assert open_at(market) == queries.demand(campaign) == 2
    assert Budget.objects.get(owner=campaign.key).held == 20


@pytest.mark.parametrize("opens", [True, False])
def test_slots_stay_open_while_the_budget_can_pay_for_no_others_as_somebody_is_at_work(market, time_machine, opens):
    """Also where who accepted a slot has not opened our page, of which the market alone knows."""
    campaign = launched(items=9, page_size=1, redundancy=1, price=10, lease_seconds=86_400)
    spare = books.budget(campaign.key).free
    ledger.give_back(campaign.key, amount=spare)
    worked(market)
    frame = accept(market)
    if opens:
        frame.get()
    time_machine.move_to(clock.now() + IDLE)

    looked_at()

    assert list(Publication.objects.values_list("state", flat=True)) == ["live"]
    assert open_at(market) == 7
    if opens:
        assert "till then the budget pays for no more" in said("mturk", "status", campaign.name)
        frame.work()
        looked_at()
        time_machine.move_to(clock.now() + IDLE)
        looked_at()
        assert len(market.hits()) == 2
        assert open_at(market) == queries.demand(campaign) == 7


def test_slots_are_offered_anew_while_somebody_is_at_work_where_the_budget_pays_for_them(market, time_machine):
    campaign = launched(items=9, page_size=1, redundancy=1, price=10, lease_seconds=86_400)
    ledger.deposit(campaign.organization, amount=70, currency="USD", reference="more")
    ledger.fund(campaign.organization, owner=campaign.key, amount=70, currency="USD", reference="more")
    worked(market)
    accept(market).get()
    time_machine.move_to(clock.now() + IDLE)

    looked_at()
    looked_at()

    assert len(market.hits()) == 2
    assert open_at(market) == queries.demand(campaign) == 7


def test_an_offer_is_left_alone_while_who_came_can_take_a_slot_of_another(market, time_machine):
    campaign = launched(items=18, page_size=1, redundancy=1, price=10)
    first, second = market.hits()
    worker = market.worker()
    accept(market, worker, hit=first).work()
    looked_at()
    time_machine.move_to(clock.now() + IDLE)
    looked_at()
    assert len(market.hits()) == 2
    assert "and can take slots of other offers" in page_of(campaign)

    accept(market, worker, hit=second).work()
    looked_at()
    time_machine.move_to(clock.now() + IDLE)
    looked_at()

    assert len(market.hits()) == 3  # one, which is another that they can take a slot of
    assert open_at(market) == queries.demand(campaign) == 16


def quiet_offers(campaign, worker, *, count):
    """Have a campaign have so many offers more, of each of which the worker handed in a slot."""
    values = {"campaign": campaign, "channel": "mturk", "state": "live", "asked": 2, "slots": 2, "reward": 10, "fee": 0}
    values |= {"lease_seconds": 600, "expires_at": clock.now() + timedelta(days=7)}
    offers = Publication.objects.bulk_create(Publication(**values, name=f"Q{number()}") for _ in range(count))
    done = {"assignment": "SLOT", "worker": worker, "state": "confirmed", "confirmed_at": clock.now(), "settled": True}
    Claim.objects.bulk_create(Claim(publication=offer, **done) for offer in offers)


def test_what_is_asked_to_say_who_waits_does_not_grow_with_the_offers(market, time_machine):
    campaign = launched(items=9, page_size=1, redundancy=1, price=10)
    worker = worked(market).claim().worker
    quiet_offers(campaign, worker, count=2)
    time_machine.move_to(clock.now() + IDLE, tick=False)  # what a page keeps for seconds is kept
    client = Client()
    client.force_login(member(campaign.organization, Role.REQUESTER))
    page = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    ways = [lambda: client.get(page).content.decode(), lambda: said("mturk", "status", campaign.name)]

    def asked():
        for way in ways:
            way()  # what is asked once, and kept
        found = []
        for way in ways:
            with CaptureQueriesContext(connection) as of:
                text = way()
            found.append((len(of), text.count("have waited since"), "and 25 more" in text))
        return found

    few = asked()
    time_machine.move_to(clock.now() - IDLE)
    quiet_offers(campaign, worker, count=27)
    time_machine.move_to(clock.now() + IDLE, tick=False)  # what a page keeps for seconds is kept
    many = asked()

    assert [each[1:] for each in few] == [(3, False)] * 2
    assert [each[1:] for each in many] == [(5, True)] * 2
    assert [each[0] for each in few] == [each[0] for each in many]
