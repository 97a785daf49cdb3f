"""A payment that the market alone has is booked by a person; one that stays on its way for long is a difference."""

from datetime import timedelta

import pytest

from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import market_booking, market_books, market_decisions, market_money, market_open
from tests.channels.elsewhere import finance_of
from tests.channels.faults import between, reset_after, unavailable
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_decided_once import reset_before, resetting
from tests.channels.test_four_eyes import limited
from tests.channels.test_refusals_and_late_payments import bonus, compared
from tests.console.house import client
from tests.running import deposit

pytestmark = pytest.mark.django_db


def by_hand(market, settings, *, fees=(0, 0, 0, 0, 0)):
    """Return a campaign whose only offer is over, and for whose work somebody gave a bonus at the market by hand."""
    settings.MTURK_FEES = list(fees)
    market.reopen()
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=1000)
    market.bonus(worked(market), "0.50")
    for _ in range(2):
        looked_at()
    return campaign


def test_finance_books_what_the_market_alone_has_and_both_lists_agree(market, settings):
    campaign = by_hand(market, settings, fees=[20, 20, 0, 20, 1])
    fin = finance_of(campaign)
    deposit(campaign, 60)
    of = campaign.organization
    funds = books.balance(of, kind="funds", currency="USD")
    row = Reconciliation.objects.first()
    (said,) = market_open.sentences(of)
    assert "1 is in its list alone, and can be booked" in said
    address = f"/admin/channels/reconciliation/{row.pk}/"
    assert "Book a payment" in client(fin).get(f"{address}change/").content.decode()

    answer = client(fin).post(f"{address}book/", {"payment": "0", "reason": "Ann gave it for a hint"}, follow=True)
    for _ in range(2):
        looked_at()

    assert "It is booked" in answer.content.decode()
    owed = Obligation.objects.get(kind="bonus", organization=of)
    assert (owed.amount, owed.worker, owed.reason) == (50, Claim.objects.get().worker, "Ann gave it for a hint")
    assert Settlement.objects.get(obligation=owed).fee == 10
    assert books.balance(of, kind="funds", currency="USD") == funds - 60
    assert books.balance(of, kind="payable", currency="USD") == 0
    assert Publication.objects.get().state == "disposed"  # as both lists agree
    assert market_open.sentences(of) == []
    assert Trail.objects.get(verb="book what is listed").actor == fin
    assert books.imbalances() == []


def test_it_is_booked_once_however_often_somebody_clicks(market, settings):
    campaign = by_hand(market, settings)
    fin = finance_of(campaign)
    deposit(campaign, 500)
    (found,) = market_booking.listed_alone(Reconciliation.objects.first())
    assert market_booking.book_listed(*found, reason="A hint", by=fin)

    with pytest.raises(market_decisions.NothingToDecide, match="our books have it"):
        market_booking.book_listed(*found, reason="A hint", by=fin)

    assert Obligation.objects.filter(organization=campaign.organization, kind="bonus").count() == 1


def test_what_was_given_by_hand_and_booked_is_not_taken_for_one_of_ours_that_went_unknown(market, settings):
    campaign = by_hand(market, settings)
    deposit(campaign, 500)
    (found,) = market_booking.listed_alone(Reconciliation.objects.first())
    market_booking.book_listed(*found, reason="A hint", by=finance_of(campaign))
    owed = bonus(campaign, Claim.objects.get().worker, amount=50, reference="b1")
    resetting(market, "SendBonus", reset_before)
    market_money.remit(owed.pk)
    Intent.objects.filter(state="sending").update(sent_at=clock.now() - timedelta(hours=24))
    market.reopen()

    market_money.remit(owed.pk)

    assert Obligation.objects.filter(organization=market.organization, kind="bonus", amount=50).count() == 2
    assert Settlement.objects.filter(obligation=owed).exists()
    assert compared(campaign).differences == []


def test_of_the_limit_it_wants_two_people(market, settings):
    campaign = by_hand(market, settings)
    fin, fatma = limited(campaign, 50)
    deposit(campaign, 500)
    (found,) = market_booking.listed_alone(Reconciliation.objects.first())

    assert not market_booking.book_listed(*found, reason="A hint", by=fin)
    assert not Obligation.objects.filter(organization=campaign.organization, kind="bonus").exists()
    client(fatma).post(f"/admin/payments/signoff/{SignOff.objects.get().pk}/agree/", {"reason": "So I saw"})

    assert Settlement.objects.filter(obligation__kind="bonus").count() == 1


def test_what_our_books_have_still_to_follow_is_not_booked_by_hand(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    frame = worked(market)
    fin = finance_of(campaign)
    market.approve(frame)  # there; here nobody looked since
    line = market_booking.Line("reward", frame.assignment, frame.claim().worker.external_id, 10)

    with pytest.raises(market_decisions.NothingToDecide, match="see to its slot"):
        market_booking.book_listed(Publication.objects.get(), line, reason="It is listed", by=fin)


def test_a_reward_that_is_on_its_way_for_days_is_a_difference_and_stays_one_till_it_is_booked(market, time_machine):
    month = 30 * 86_400
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=month)
    market.approve(worked(market))  # there; our list is read no more
    began = clock.now()
    Publication.objects.update(due_at=began + timedelta(days=30))
    first = compared(campaign)
    assert (first.agrees, first.pending, first.differences) == (True, 1, [])

    found = []
    for days in (2, 4, 5):
        time_machine.move_to(began + timedelta(days=days))
        found.append(compared(campaign))

    assert [row.agrees for row in found] == [True, False, False]
    assert [(row.pending, len(row.differences)) for row in found] == [(1, 0), (0, 1), (0, 1)]
    looked_at()
    (last,) = market_books.compare(campaign.organization)
    assert (last.agrees, last.on_their_way) == (True, [])


def test_what_is_on_its_way_grows_older_also_while_its_list_is_not_given(market, time_machine):
    month = 30 * 86_400
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=month)
    market.approve(worked(market))  # there; our list is read no more
    began = clock.now()
    Publication.objects.update(due_at=began + timedelta(days=30))
    assert compared(campaign).pending == 1
    time_machine.move_to(began + timedelta(days=2))
    between(market.client(), iter(lambda: unavailable, None))
    assert compared(campaign).agrees is None

    market.reopen()
    time_machine.move_to(began + timedelta(days=4))

    assert compared(campaign).agrees is False


def of_ours_under_way(campaign, market, cents):
    """Return a bonus of ours that was sent to the slot's worker, and of which nobody knows whether it was paid."""
    owed = bonus(campaign, Claim.objects.get().worker, amount=cents, reference="b1")
    resetting(market, "SendBonus", reset_before)
    market_money.remit(owed.pk)
    market.reopen()
    assert Intent.objects.get(verb="pay_bonus").state == "sending"
    return owed


def test_a_bonus_of_ours_that_is_under_way_hides_none_that_was_given_by_hand_on_the_same_slot(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin = finance_of(campaign)
    owed = of_ours_under_way(campaign, market, 25)
    market.bonus(frame, "0.50")

    row = compared(campaign)
    ((offer, line),) = market_booking.listed_alone(row)
    market_booking.book_listed(offer, line, reason="A hint", by=fin)

    assert line.cents == 50
    assert compared(campaign).agrees
    market_money.remit(owed.pk)
    assert compared(campaign).agrees


def test_of_two_bonuses_alike_the_one_that_is_under_way_hides_one_and_no_more(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    of_ours_under_way(campaign, market, 50)

    found = []
    for _ in range(2):
        market.bonus(frame, "0.50")
        found.append(len(market_booking.listed_alone(compared(campaign))))

    assert found == [0, 1]


def test_a_bonus_is_as_old_as_its_own_sending_and_not_as_another_one_on_its_slot(market, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    of_ours_under_way(campaign, market, 25)
    market.bonus(frame, "0.25")  # as if it was done
    assert compared(campaign).agrees
    time_machine.move_to(clock.now() + timedelta(days=4))
    Intent.objects.filter(verb="pay_bonus").update(state="done", receipt="x", problem="")
    assert len(compared(campaign).differences) == 1

    second = bonus(campaign, Claim.objects.get().worker, amount=30, reference="b2")
    resetting(market, "SendBonus", reset_after)
    market_money.remit(second.pk)
    market.reopen()

    assert [each["amount"] for each in compared(campaign).differences] == [25]
