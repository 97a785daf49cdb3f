"""Who is owed something by a slot of their own is told where it is: once, when they can take it."""

import json
from datetime import timedelta

import pytest

from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.pipeline import market_letters
from tests.channels.faults import between, cut_off, fine, throttled, unavailable
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, refused
from tests.console.test_commands import said
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed_by_a_slot(market, mailoutbox):
    """Return a campaign, and a worker of it whom the market will not pay a bonus."""
    campaign = launched(name="Cats", items=4, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    worker.user = UserFactory()
    worker.save()
    who = worked(market, worker).claim().worker
    mailoutbox.clear()
    bonus(campaign, who, amount=25, reference="c1")
    return campaign, worker


def wired(market, *letters, grants=fine):
    """Have no bonus be paid, and each message answered by the next of these; return the messages."""
    sent, rest = [], iter(letters)

    def wire(request):
        operation = str(request.headers["X-Amz-Target"])
        if "SendBonus" in operation:
            return refused(request, "NoSuchThing")
        if "AssociateQualification" in operation:
            return grants(request)
        if "NotifyWorkers" not in operation:
            return fine(request)
        sent.append(json.loads(request.body))
        return next(rest, fine)(request)

    between(market.client(), iter(lambda: wire, None))
    return sent


def test_who_is_paid_by_a_slot_of_their_own_is_told_once_where_it_is_and_what_for(market, owed_by_a_slot, mailoutbox):
    campaign, worker = owed_by_a_slot
    wired(market)

    for _ in range(3):
        looked_at()

    offer = Publication.objects.exclude(owed="").get()
    (mail,) = mailoutbox
    assert mail.to == [worker.user.email]
    assert mail.subject.endswith("Payment for work you could not hand in")
    for told in (offer.name, "Payment for work you could not hand in", "0.25 USD", "Cats", "Thorough"):
        assert told in mail.body
    assert offer.environment not in mail.body  # where a worker could open nothing
    accept(market, worker, hit=next(hit for hit in market.hits() if hit.annotation == offer.key)).finish()
    looked_at()
    assert len(mailoutbox) == 1
    assert said("mturk", "status", campaign.name).count("not told") == 0


def test_nobody_is_told_of_a_slot_that_they_can_not_see_yet(market, owed_by_a_slot):
    sent = wired(market, grants=throttled)

    for _ in range(2):
        looked_at()

    assert Publication.objects.exclude(owed="").get().state == "live"
    assert sent == []


@pytest.mark.parametrize("lost", [cut_off, unavailable])
def test_a_letter_of_which_nobody_knows_whether_it_went_out_is_not_sent_again(market, owed_by_a_slot, lost):
    sent = wired(market, lost)

    for _ in range(3):
        looked_at()

    assert len(sent) == 1
    assert Intent.objects.get(verb="notify").state == "sending"


def test_a_letter_that_may_not_have_gone_out_is_said_by_status_and_given_up_as_its_slot_is_over(market, owed_by_a_slot):
    campaign, worker = owed_by_a_slot
    sent, letters = wired(market, cut_off), Intent.objects.filter(verb="notify")
    looked_at()
    offer, unknown = Publication.objects.exclude(owed="").get(), "whether the market wrote them of it is not known"

    assert unknown not in said("mturk", "status", campaign.name)  # it may be on the wire
    letters.update(sent_at=clock.now() - timedelta(minutes=3))
    looked_at()
    assert unknown in said("mturk", "status", campaign.name)
    assert letters.get().state == "sending"

    accept(market, worker, hit=next(hit for hit in market.hits() if hit.annotation == offer.key)).finish()
    looked_at()

    assert letters.get().state == "dropped"
    assert "never known" in letters.get().problem
    assert unknown not in said("mturk", "status", campaign.name)
    assert len(sent) == 1


def test_nobody_is_told_of_a_slot_whose_time_is_over(market, owed_by_a_slot):
    sent = wired(market, *[throttled] * 9)
    looked_at()
    sent.clear()

    Publication.objects.exclude(owed="").update(expires_at=clock.now())
    market_letters.point_out(Publication.objects.exclude(owed="").get().pk)

    assert sent == []
    assert Intent.objects.get(verb="notify").state == "dropped"


def test_a_letter_that_the_market_had_no_time_for_is_sent_later(market, owed_by_a_slot):
    sent = wired(market, throttled)

    for _ in range(3):
        looked_at()

    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_a_letter_that_waits_is_given_up_as_the_slot_is_taken(market, owed_by_a_slot):
    _, worker = owed_by_a_slot
    sent = wired(market, *[throttled] * 20)
    looked_at()
    offer = Publication.objects.exclude(owed="").get()

    accept(market, worker, hit=next(hit for hit in market.hits() if hit.annotation == offer.key)).finish()
    sent.clear()
    looked_at()

    assert sent == []
    assert Intent.objects.get(verb="notify").state == "dropped"


def test_whom_the_market_writes_nothing_to_as_it_saw_no_work_of_theirs_is_said_by_status(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    frame.get()
    bonus(campaign, frame.claim().worker, amount=25, reference="c1")

    looked_at()

    assert "was not told of it: You may only notify workers" in said("mturk", "status", campaign.name)
