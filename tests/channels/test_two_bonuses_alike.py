"""Two bonuses just alike for one slot: the market's list does not tell them apart, and each is paid and booked once."""

from datetime import timedelta

import pytest

from apps.channels.models import Intent
from apps.core import clock
from apps.ledger import queries as books
from apps.payments.models import Settlement
from apps.pipeline import market_debts, market_decisions, market_money
from tests.channels.faults import reset_after
from tests.channels.market import looked_at
from tests.channels.test_decided_once import in_doubt, owed_at, reset_before, resetting
from tests.channels.test_four_eyes import gives
from tests.channels.test_refusals_and_late_payments import compared

pytestmark = pytest.mark.django_db


def states():
    return list(Intent.objects.filter(verb="pay_bonus").order_by("planned_at").values_list("state", flat=True))


def are_paid_once(campaign, market, *owed):
    assert Settlement.objects.filter(obligation__in=owed).count() == len(owed)
    assert owed_at(market).count(("bonus", 25)) == len(owed)
    assert books.imbalances() == []
    assert compared(campaign).agrees


def both_sent(market, campaign, first, fin, fault):
    """Return a second bonus that was sent just now, with this fault, while the first is in doubt for a day."""
    second = gives(campaign, first.worker, 25, by=fin, reference="b2")
    Intent.objects.filter(verb="pay_bonus").update(state="planned")
    market.reopen()
    resetting(market, "SendBonus", fault)
    market_money.remit(second.pk)
    Intent.objects.filter(verb="pay_bonus").update(state="sending")
    market.reopen()
    return second


@pytest.mark.parametrize("fault", [reset_before, reset_after])
def test_one_is_not_sent_while_it_is_not_known_of_another_whether_it_was_paid(market, fault):
    campaign, first, fin = in_doubt(market, fault)
    second = gives(campaign, first.worker, 25, by=fin, reference="b2")

    market.reopen()
    resetting(market, "SendBonus", reset_after)
    market_money.remit(second.pk)
    assert states() == ["sending", "planned"]
    assert "another bonus just like it" in Intent.objects.latest("planned_at").problem
    market.reopen()
    for _ in range(2):
        looked_at()

    are_paid_once(campaign, market, first, second)


def test_one_that_may_be_known_by_its_token_is_asked_before_an_older_one_is_looked_for(market):
    campaign, first, fin = in_doubt(market, reset_before)
    second = both_sent(market, campaign, first, fin, reset_after)  # the one that was paid

    market_money.remit(first.pk)
    assert states() == ["sending", "sending"]
    market_money.remit(second.pk)
    market_money.remit(first.pk)

    are_paid_once(campaign, market, first, second)


def test_of_two_that_are_too_old_for_their_tokens_the_later_one_is_looked_for_first(market):
    campaign, first, fin = in_doubt(market, reset_before)
    second = both_sent(market, campaign, first, fin, reset_after)
    Intent.objects.filter(key=f"obligation:{second.pk}").update(sent_at=clock.now() - timedelta(hours=23, minutes=30))

    for owed in (first, second, first):  # the market remembers the second one's token for half an hour still
        market_money.remit(owed.pk)

    are_paid_once(campaign, market, first, second)


def test_one_is_not_booked_as_paid_by_a_person_while_another_may_be_what_the_market_lists(market):
    campaign, first, fin = in_doubt(market, reset_before)
    second = both_sent(market, campaign, first, fin, reset_after)

    with pytest.raises(market_decisions.NotNow, match="is not known yet"):
        market_debts.book_as_paid(first, reason="It is in its list", by=fin)
    market_money.remit(second.pk)
    with pytest.raises(market_decisions.NothingToDecide, match="does not list it"):
        market_debts.book_as_paid(first, reason="It is in its list", by=fin)

    assert owed_at(market).count(("bonus", 25)) == Settlement.objects.filter(obligation=second).count() == 1
