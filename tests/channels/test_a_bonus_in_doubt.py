"""A bonus of which nobody can ask whether its market paid it: who looked there says so, and it is booked as that."""

from datetime import timedelta

import pytest

from apps.channels.models import Intent
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Settlement, SignOff
from apps.pipeline import market_debts, market_decisions, market_money, market_signing, market_verdicts
from tests.channels.faults import between, reset_after, unreachable
from tests.channels.market import looked_at
from tests.channels.test_decided_once import in_doubt, owed_at, reset_before, resetting
from tests.channels.test_four_eyes import gives, limited
from tests.channels.test_refusals_and_late_payments import compared, refusing
from tests.console.house import client
from tests.running import deposit

pytestmark = pytest.mark.django_db


def test_at_another_endpoint_it_is_booked_with_its_fee_and_receipt_as_somebody_saw_and_both_lists_agree(
    market, leads, settings
):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    campaign, owed, fin = in_doubt(market, reset_after)
    deposit(campaign, 500)
    leads("other")
    address = f"/admin/payments/obligation/{owed.pk}"
    assert f"{address}/book-as-paid/" in client(fin).get(f"{address}/change/").content.decode()

    answer = client(fin).post(f"{address}/book-as-paid/", {"reason": "It is on its statement"}, follow=True)
    leads("testserver")
    for _ in range(2):
        looked_at()

    assert "It is booked" in answer.content.decode()
    bonus = Intent.objects.get(verb="pay_bonus")
    settled = Settlement.objects.get(obligation=owed)
    assert (bonus.state, settled.receipt, settled.fee) == ("done", str(bonus.pk), 5)
    assert owed_at(market).count(("bonus", 25)) == 1
    assert compared(campaign).agrees
    assert Trail.objects.get(verb="book as paid").reason == "It is on its statement"
    assert books.imbalances() == []


def test_a_market_that_can_be_asked_is_and_what_it_does_not_list_is_not_booked(market):
    _, owed, fin = in_doubt(market, reset_before)

    with pytest.raises(market_decisions.NothingToDecide, match="does not list it"):
        market_debts.book_as_paid(owed, reason="I think so", by=fin)

    assert not Settlement.objects.filter(obligation=owed).exists()


def test_while_the_market_can_not_be_reached_it_is_not_booked_and_is_where_that_never_gives_its_list(market):
    _, owed, fin = in_doubt(market, reset_after)
    between(market.client(), iter(lambda: unreachable, None))

    with pytest.raises(market_decisions.NotNow, match="can't be"):
        market_debts.book_as_paid(owed, reason="It is on its statement", by=fin)
    market.reopen()
    refusing(market, "ListBonusPayments")
    assert market_debts.book_as_paid(owed, reason="It is on its statement", by=fin)
    market.reopen()
    market_money.remit(owed.pk)

    assert owed_at(market).count(("bonus", 25)) == 1


def test_from_the_limit_on_two_people_saw_it_and_it_is_not_booked_while_it_is_being_sent(market, leads):
    campaign, owed, fin = in_doubt(market, reset_after)
    _, fatma = limited(campaign, 25)
    leads("other")
    Intent.objects.filter(verb="pay_bonus").update(begun_at=clock.now())

    assert not market_debts.book_as_paid(owed, reason="It is on its statement", by=fin)
    with pytest.raises(market_decisions.NotNow, match="is being asked"):
        market_debts.book_as_paid(owed, reason="So I saw", by=fatma)
    Intent.objects.filter(verb="pay_bonus").update(begun_at=clock.now() - timedelta(hours=1))
    client(fatma).post(f"/admin/payments/signoff/{SignOff.objects.get().pk}/agree/", {"reason": "So I saw"})

    assert Settlement.objects.filter(obligation=owed).exists()


def test_what_can_not_be_asked_is_not_taken_for_unpaid_before_somebody_looked(market, leads):
    _, owed, fin = in_doubt(market, reset_after)
    leads("other")

    with pytest.raises(market_decisions.NothingToDecide, match="look there yourself"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert market_debts.pay_otherwise(owed, reason="By bank", by=fin, seen_unpaid=True)


def test_what_its_market_refuses_to_list_for_good_is_paid_otherwise_as_somebody_saw(market):
    _, owed, fin = in_doubt(market, reset_before)
    market.reopen()
    refusing(market, "ListBonusPayments")

    with pytest.raises(market_decisions.NothingToDecide, match="look there yourself"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert market_debts.pay_otherwise(owed, reason="By bank", by=fin, seen_unpaid=True)

    assert Intent.objects.get(verb="pay_bonus").state == "dropped"


def test_it_is_not_taken_for_unpaid_while_its_markets_list_may_be_late(market, settings):
    _, owed, fin = in_doubt(market, reset_before)
    settings.MARKET_LAG_SECONDS = 600
    Intent.objects.filter(verb="pay_bonus").update(begun_at=clock.now() - timedelta(minutes=5))

    with pytest.raises(market_decisions.NotNow, match="is being asked"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)

    assert Intent.objects.get(verb="pay_bonus").state == "sending"


def test_one_that_was_given_up_and_is_listed_after_all_is_not_paid_otherwise_but_booked(market):
    campaign, owed, fin = in_doubt(market, reset_after)
    Intent.objects.filter(verb="pay_bonus").update(state="dropped")
    market.reopen()

    with pytest.raises(market_decisions.NothingToDecide, match="the market paid it: book that"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert market_debts.book_as_paid(owed, reason="It lists it", by=fin)

    assert compared(campaign).agrees


def test_asking_for_it_to_be_paid_otherwise_stops_nothing_before_a_second_person_agrees(market):
    campaign, owed, fin = in_doubt(market, reset_before)
    _, fatma = limited(campaign, 25)

    assert not market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert Intent.objects.get(verb="pay_bonus").state == "sending"
    market_signing.refuse(SignOff.objects.get(), reason="He has no bank", by=fatma)
    market.reopen()
    market_money.remit(owed.pk)

    assert owed_at(market).count(("bonus", 25)) == 1
    assert Settlement.objects.get(obligation=owed).receipt != "paid otherwise"


def test_one_that_was_paid_and_not_booked_yet_is_booked_also_when_the_endpoint_is_another_one(
    market, leads, monkeypatch
):
    campaign, owed, _ = in_doubt(market, reset_after)
    market.reopen()

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(market_verdicts, "book_besides", killed)
        market_money.remit(owed.pk)
    assert Intent.objects.get(verb="pay_bonus").state == "done"
    leads("other")
    looked_at()

    assert Settlement.objects.get(obligation=owed).receipt == str(Intent.objects.get(verb="pay_bonus").pk)
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0


def test_of_two_alike_in_doubt_one_alone_takes_the_one_that_is_listed(market, monkeypatch):
    campaign, first, fin = in_doubt(market, reset_after)
    market.reopen()
    resetting(market, "SendBonus", reset_before)
    second = gives(campaign, first.worker, 25, by=fin, reference="b2")
    market_money.remit(second.pk)
    market.reopen()
    long_ago = clock.now() - timedelta(hours=24)
    Intent.objects.filter(verb="pay_bonus").update(state="sending", sent_at=long_ago, begun_at=long_ago)
    moves, others = Intent.move, [second]

    def after_another_looked(self, to, **values):
        if to == "done" and others and self.key == f"obligation:{first.pk}":
            market_money.remit(others.pop().pk)
        return moves(self, to, **values)

    monkeypatch.setattr(Intent, "move", after_another_looked)
    for owed in (first, second):
        market_money.remit(owed.pk)

    assert Settlement.objects.filter(obligation__in=[first, second]).count() == 2
    assert owed_at(market).count(("bonus", 25)) == 2
