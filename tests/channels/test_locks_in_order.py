"""Whoever decides about markets' money locks rows in one order, so that no two wait for each other."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.channels.models import Claim, Publication, Reconciliation
from apps.core import clock
from apps.payments.models import SignOff
from apps.pipeline import market_booking, market_debts, market_decisions, market_money, market_signing
from apps.turkapi.models import Hit
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_decided_once import given_up
from tests.channels.test_four_eyes import gives, limited
from tests.channels.test_listed_alone import by_hand
from tests.running import deposit

pytestmark = pytest.mark.django_db
ORDER = (  # as apps/payments/services/signing.py says
    "channels_publication", "channels_claim", "payments_obligation", "payments_payoutpolicy", "payments_signoff",
    "members_organization",
)  # fmt: skip


def locked(do, *asked, **more):
    """Do it; return the tables whose rows it locked, each where it came first."""
    with CaptureQueriesContext(connection) as seen:
        do(*asked, **more)
    taken = [each["sql"] for each in seen.captured_queries if "FOR NO KEY UPDATE" in each["sql"]]
    tables = [re.search(r'FROM "(\w+)"', sql)[1] for sql in taken]
    return [table for table in dict.fromkeys(tables) if table in ORDER]


def in_order(tables):
    return tables == sorted(tables, key=ORDER.index)


def test_a_bonus_is_given_agreed_to_and_refused_in_order(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = worked(market).claim().worker
    fin, fatma = limited(campaign, 25)

    given = locked(gives, campaign, worker, 25, by=fin, reference="b1")
    gives(campaign, worker, 25, by=fin, reference="b2")
    refused, agreed = SignOff.objects.all()
    steps = [
        locked(market_signing.refuse, refused, reason="No", by=fatma),
        locked(market_signing.agree, agreed, reason="Yes", by=fatma),
    ]

    assert given.index("payments_payoutpolicy") < given.index("members_organization")
    assert [tables for tables in steps if not in_order(tables)] == []
    assert steps[0][:3] == list(ORDER[2:5])


@pytest.mark.parametrize("decide", [market_decisions.pay_besides_asked, market_decisions.book_as_paid])
def test_what_is_decided_about_a_slot_is_in_order(market, decide):
    campaign, frame, fin = given_up(market)
    limited(campaign, 1000)

    tables = locked(decide, frame.claim(), reason="I looked there", by=fin)

    assert in_order(tables), tables


def test_what_is_decided_about_a_slot_of_ones_own_comes_after_what_it_is_owed_for_and_before_who_signs(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    frame = accept(market, worker)
    frame.get()
    fin, _ = limited(campaign, 1000)
    owed = gives(campaign, frame.claim().worker, 25, by=fin)
    market_money.remit(owed.pk)
    looked_at()
    offer = Publication.objects.get(owed=f"obligation:{owed.pk}")
    slot = accept(market, worker, hit=Hit.objects.get(annotation=offer.key))
    slot.finish()
    Claim.objects.filter(publication=offer).update(state="confirmed", verdict="submitted", confirmed_at=clock.now())
    Publication.objects.filter(pk=offer.pk).update(accepted_at=clock.now())

    tables = locked(market_decisions.book_as_paid_asked, slot.claim(), reason="I looked there", by=fin)

    assert tables[:4] == ["payments_obligation", "channels_publication", "channels_claim", "payments_payoutpolicy"]


def test_what_is_paid_otherwise_is_in_order(market, leads):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = worked(market).claim().worker
    leads("other")
    fin, _ = limited(campaign, 1000)
    owed = gives(campaign, worker, 25, by=fin)

    tables = locked(market_debts.pay_otherwise, owed, reason="By bank", by=fin)

    assert in_order(tables), tables


def test_what_is_booked_and_what_is_taken_for_settled_is_in_order(market, settings):
    campaign = by_hand(market, settings)
    fin, _ = limited(campaign, 1000)
    deposit(campaign, 500)
    (found,) = market_booking.listed_alone(Reconciliation.objects.first())

    accepted = locked(market_decisions.accept_asked, Publication.objects.get(), reason="A hint", by=fin)
    booked = locked(market_booking.book_listed, *found, reason="A hint", by=fin)

    assert in_order(accepted), accepted
    assert booked.pop() == "payments_obligation"  # its own, which nobody else knows yet
    assert in_order(booked), booked
