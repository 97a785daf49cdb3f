"""Two people who book payments of a market at the same moment: each that it made is booked once, really at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock
from apps.ledger import queries as books
from apps.payments.models import Obligation, Settlement
from apps.pipeline import market_booking, market_debts, market_money
from apps.pipeline.market_decisions import NothingToDecide
from tests.channels.elsewhere import finance_of
from tests.channels.faults import reset_after
from tests.channels.market import launched, worked
from tests.channels.test_decided_once import reset_before, resetting
from tests.channels.test_four_eyes import gives
from tests.channels.test_refusals_and_late_payments import compared
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(market):
    """Return a campaign with money, a slot of it that was paid, and two people of finance."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    deposit(campaign, 500)
    people = [finance_of(campaign), member(campaign.organization, "finance", email="fatma@example.org")]
    return campaign, frame, people


def at_once(*deeds):
    """Ask the market for each, and then do all of them at the same moment; return what each said."""
    asked = Barrier(len(deeds))

    def alone(deed):
        ask, do = deed
        try:
            told = ask()
            asked.wait(20)
            return do(told)
        except NothingToDecide as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(alone, deeds))


def by_hand(offer, line, by):
    """Return what books a payment that the market lists alone."""
    why = {"reason": "A hint", "by": by}
    return (
        lambda: market_booking.ask_of_listed(offer, line, reason="A hint"),
        lambda listed: market_booking.book_listed_asked(offer, line, listed=listed, **why),
    )


def as_paid(owed, by):
    """Return what books a bonus of ours as paid by the market."""
    return (
        lambda: market_debts.ask_of_bonus(owed, reason="It lists it"),
        lambda listed: market_debts.book_as_paid_asked(owed, listed=listed, reason="It lists it", by=by),
    )


def in_doubt(market, campaign, faults):
    """Return bonuses alike of 50 for one slot, each sent a day ago with a fault, of which nothing is known."""
    fin = member(campaign.organization, "finance", email="giver@example.org")
    owed = [gives(campaign, Claim.objects.get().worker, 50, by=fin, reference=f"b{n}") for n in range(len(faults))]
    for one, fault in zip(owed, faults, strict=True):
        Intent.objects.filter(verb="pay_bonus").update(
            state="planned"
        )  # as they were when one was sent while another one was in doubt
        resetting(market, "SendBonus", fault)
        market_money.remit(one.pk)
        market.reopen()
    long_ago = clock.now() - timedelta(hours=24)
    Intent.objects.filter(verb="pay_bonus").update(state="sending", sent_at=long_ago, begun_at=long_ago)
    return owed


def booked(campaign):
    assert books.imbalances() == []
    assert books.balance(campaign.organization, kind="payable", currency="USD") == sum(
        Obligation.objects.filter(organization=campaign.organization, settlement=None).values_list("amount", flat=True)
    )
    return Settlement.objects.filter(obligation__amount=50).count()


@pytest.mark.parametrize("given", [1, 2])
def test_of_bonuses_alike_that_were_given_by_hand_each_is_booked_once(market, place, given):
    campaign, frame, people = place
    for _ in range(given):
        market.bonus(frame, "0.50")
    compared(campaign)
    (found,) = market_booking.listed_alone(Reconciliation.objects.first())

    said = at_once(*(by_hand(*found, by) for by in people))

    assert (said.count(True), booked(campaign)) == (given, given)
    assert given == 2 or "our books have it by now" in "".join(map(str, said))
    assert compared(campaign).agrees


@pytest.mark.parametrize("paid", [1, 2])
def test_of_bonuses_alike_of_ours_that_are_in_doubt_as_many_are_booked_as_the_market_paid(market, place, paid):
    campaign, _, people = place
    owed = in_doubt(market, campaign, [reset_after, reset_after if paid == 2 else reset_before])

    said = at_once(*(as_paid(*each) for each in zip(owed, people, strict=True)))

    assert (said.count(True), booked(campaign)) == (paid, paid)
    assert paid == 2 or "the market does not list it" in "".join(map(str, said))
    assert paid == 1 or compared(campaign).agrees


def test_one_payment_is_not_booked_as_given_by_hand_and_as_one_of_ours(market, place):
    campaign, frame, people = place
    (owed,) = in_doubt(market, campaign, [reset_before])
    Intent.objects.filter(verb="pay_bonus").update(state="dropped")
    market.bonus(frame, "0.50")
    line = market_booking.Line("bonus", frame.assignment, frame.claim().worker.external_id, 50)

    said = at_once(by_hand(Publication.objects.get(), line, people[0]), as_paid(owed, people[1]))

    assert (said.count(True), booked(campaign)) == (1, 1)
    assert compared(campaign).agrees
