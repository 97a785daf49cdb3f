"""Many workers at once before an offer's last slots: never more are at work on it than the market has slots of it."""

from functools import partial

import pytest
from django.db.models import Count, F, Q

from apps.channels import services as channels
from apps.channels.models import Claim, Publication
from apps.ledger.models import Budget
from apps.work.errors import NoWork
from apps.work.models import Assignment
from tests.channels.market import launched
from tests.turkapi.test_last_places_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 12
SLOTS = 3


def told(offer, *, assignment, worker):
    """Return the claim that a frame's word makes, None where the slots are taken: what it says, any browser can say."""
    try:
        return channels.claim(offer.pk, assignment=assignment, worker=worker)
    except channels.Full:
        return None


@pytest.fixture
def offer(market):
    """Return an offer of three slots, each of two questions of six that one worker each is asked."""
    launched(items=6, page_size=2, redundancy=1, price=10)
    found = Publication.objects.get()
    assert (found.asked, found.slots) == (SLOTS, SLOTS)
    return found


def check(offer):
    """No more pages are in hand than there are slots, no task is asked too often, and what is held is right."""
    offer.refresh_from_db()
    live = Assignment.objects.filter(claim__publication=offer, state="leased")
    assert live.count() <= offer.slots
    assert not offer.campaign.tasks.filter(taken__gt=F("wanted")).exists()
    counted = offer.campaign.tasks.annotate(live=Count("places", filter=Q(places__state__in=["open", "answered"])))
    assert not counted.exclude(taken=F("live")).exists()
    budget = Budget.objects.get(owner=offer.campaign.key)
    assert budget.held == offer.held + sum(live.values_list("held", flat=True)) == SLOTS * 10
    return live.count()


def test_of_many_who_say_they_have_a_slot_as_many_get_a_page_as_there_are(offer):
    said = [partial(told, offer, assignment=f"SLOT{n}", worker=f"WORKER{n}") for n in range(CROWD)]

    got = at_once(said)

    assert sum(each is not None for each in got) == check(offer) == SLOTS
    assert Claim.objects.count() == SLOTS


def test_a_worker_who_loads_one_slot_many_times_at_once_has_one_page(offer):
    got = at_once([partial(told, offer, assignment="SLOT", worker="WORKER")] * CROWD)

    assert {each.page_id for each in got} == {Assignment.objects.get().pk}
    assert check(offer) == Claim.objects.count() == 1


def test_a_worker_who_names_many_slots_at_once_has_two_pages_at_most(offer):
    def tell(number):
        try:
            return told(offer, assignment=f"SLOT{number}", worker="WORKER")
        except NoWork as error:
            assert error.reason == "held"
            return None

    got = at_once([partial(tell, n) for n in range(CROWD)])

    assert sum(each is not None for each in got) == check(offer) == 2


def test_of_many_who_say_they_have_the_same_slot_one_is_left_with_it(offer):
    at_once([partial(told, offer, assignment="SLOT", worker=f"WORKER{n}") for n in range(CROWD)])

    assert check(offer) == 1
    assert Assignment.objects.filter(state="returned").count() == CROWD - 1


def test_while_slots_are_let_go_and_taken_again_there_are_never_more_at_work(offer):
    def come_and_go(number):
        for turn in range(4):
            # Every third names a slot that another one has, too: the market gives it to the next after a return.
            told(offer, assignment=f"SLOT{(number + turn) % 5}", worker=f"WORKER{number}")
            assert Assignment.objects.filter(claim__publication=offer, state="leased").count() <= SLOTS

    at_once([partial(come_and_go, n) for n in range(CROWD)])

    assert check(offer) == SLOTS
