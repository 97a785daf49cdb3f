"""From the payout policy's limit on two people decide what a market pays, or is booked to have paid."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.channels.models import Intent, Publication
from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import queries as books
from apps.members.models import Trail, User
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import fair_pay, flow, market_debts, market_decisions, market_open, market_signing
from apps.work.models import Assignment
from tests.channels.elsewhere import finance_of
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_decided_once import given_up, owed_at
from tests.console.house import client, client_of
from tests.console.test_commands import said
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def limited(campaign, limit):
    """Have the organization want two people from so many cents on; return one who asks, and another."""
    boss = member(campaign.organization, "admin", email="limits@example.org")
    payments.set_policy(campaign.organization, currency="USD", by=boss, second_person_from=limit)
    asks = User.objects.filter(email="fin@example.org").first() or finance_of(campaign)
    return asks, member(campaign.organization, "finance", email="fatma@example.org")


def gives(campaign, worker, amount, *, by, reference="b1"):
    deposit(campaign, 500)
    return payments.pay_bonus(
        worker, amount=amount, currency="USD", reference=reference, reason="Thorough", campaign=campaign, by=by
    )


def test_a_bonus_of_the_limit_waits_says_so_and_is_paid_when_somebody_else_agrees(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)
    owed = gives(campaign, frame.claim().worker, 25, by=fin)

    looked_at()

    assert not Intent.objects.filter(verb="pay_bonus").exists()
    row = SignOff.objects.get()
    first = client(fin).get("/admin/").content.decode()
    assert "To be signed" in first
    assert (
        "waits for a second person" in client(fin).get(f"/admin/payments/obligation/{owed.pk}/change/").content.decode()
    )
    assert "1 decision about a market's money waits for a second person" in market_open.sentences(campaign.organization)
    address = f"/admin/payments/signoff/{row.pk}/agree/"
    assert "somebody else has to agree" in client(fin).post(address, {"reason": "Mine"}).content.decode()
    assert client_of(campaign.organization, "requester").post(address, {"reason": "Nice"}).status_code in (403, 404)
    assert not SignOff.objects.exclude(signed_by=None).exists()

    client(fatma).post(address, {"reason": "I read it"})
    for _ in range(2):
        looked_at()

    assert Settlement.objects.filter(obligation=owed).exists()
    assert owed_at(market) == [("bonus", 25), ("work", 10)]
    assert Trail.objects.get(verb="agree").actor == fatma
    assert market_open.sentences(campaign.organization) == []


def test_a_bonus_that_somebody_refuses_is_owed_no_more_and_never_paid(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)
    owed = gives(campaign, frame.claim().worker, 25, by=fin)
    funds = books.balance(campaign.organization, kind="funds", currency="USD")
    address = f"/admin/payments/signoff/{SignOff.objects.get().pk}"

    client(fatma).post(f"{address}/refuse/", {"reason": "Not agreed with the campaign's owner"})
    client(fatma).post(f"{address}/agree/", {"reason": "After all"})
    looked_at()

    assert owed_at(market) == [("work", 10)]
    assert not Settlement.objects.filter(obligation=owed).exists()
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.balance(campaign.organization, kind="funds", currency="USD") == funds + 25
    assert market_open.sentences(campaign.organization) == []
    assert books.imbalances() == []


def test_of_one_who_agrees_while_another_refuses_the_refusal_stands(market, monkeypatch):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)
    gives(campaign, frame.claim().worker, 15, by=fin, reference="alone")
    owed = gives(campaign, frame.claim().worker, 20, by=fin)  # waits by what fin gave before alone
    row = SignOff.objects.get(needs_second=True)
    reads = row.refresh_from_db

    def and_then_it_is_refused():
        reads()
        market_signing.refuse(SignOff.objects.get(pk=row.pk), reason="No", by=fin)

    monkeypatch.setattr(row, "refresh_from_db", and_then_it_is_refused)
    with pytest.raises(IllegalMove, match="was refused"):
        market_signing.agree(row, reason="I read it", by=fatma)
    looked_at()

    assert not Settlement.objects.filter(obligation=owed).exists()
    assert owed_at(market) == [("bonus", 15), ("work", 10)]
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    with pytest.raises(IntegrityError, match="it stays refused"), transaction.atomic():
        SignOff.objects.filter(pk=row.pk).update(refused_by=None, refused_at=None)


def test_what_waits_for_a_signature_is_not_paid_otherwise_before_and_refused_it_is_given_back_once(market, leads):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    frame = worked(market)
    boss = member(campaign.organization, email="boss@example.org")
    fin, fatma = limited(campaign, 25)
    deposit(campaign, 500)
    funds = books.balance(campaign.organization, kind="funds", currency="USD")
    refused, owed = (gives(campaign, frame.claim().worker, 25, by=fin, reference=name) for name in ("b1", "b2"))
    leads("other")
    flow.decide(frame.claim().page.review, verdict="approve", by=boss)
    assert not market_debts.lasting().filter(kind="bonus").exists()

    with pytest.raises(market_decisions.NothingToDecide, match="nothing to decide"):
        market_debts.pay_otherwise(refused, reason="By bank", by=fin)
    with pytest.raises(IntegrityError, match="waits for a second person"), transaction.atomic():
        Settlement.objects.create(obligation=refused, channel="mturk", fee=0, receipt="x")
    market_signing.refuse(SignOff.objects.get(subject=f"obligation:{refused.pk}"), reason="No", by=fatma)
    market_signing.agree(SignOff.objects.get(subject=f"obligation:{owed.pk}"), reason="Yes", by=fatma)

    assert list(market_debts.lasting().filter(kind="bonus")) == [owed]
    assert not market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    assert market_debts.pay_otherwise(owed, reason="So I saw", by=fatma)
    assert books.balance(campaign.organization, kind="funds", currency="USD") == funds + 1000 - 25
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 10  # the slot
    assert books.imbalances() == []


def test_what_was_refused_is_given_anew_by_another_reference_and_topped_up_anew(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)
    Assignment.objects.filter(campaign=campaign).update(active_seconds=3600)
    owed = gives(campaign, frame.claim().worker, 25, by=fin)
    assert [cents for _, cents in fair_pay.top_up(campaign, hourly=150, by=fin)] == [140]
    for row in SignOff.objects.all():
        market_signing.refuse(row, reason="No", by=fatma)

    with pytest.raises(IllegalMove, match="by another reference"):
        gives(campaign, owed.worker, 25, by=fin)
    again = [[cents for _, cents in fair_pay.top_up(campaign, hourly=50, by=fin)] for _ in range(2)]
    market_signing.agree(SignOff.objects.get(refused_by=None), reason="Right", by=fatma)
    looked_at()

    assert again == [[40], []]
    assert owed_at(market) == [("bonus", 40), ("work", 10)]
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0


def test_what_was_refused_may_be_asked_for_anew_and_waits_anew(market):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    assert not market_decisions.book_as_paid(frame.claim(), reason="It stood on its statement", by=fin)
    market_signing.refuse(SignOff.objects.get(), reason="Show me", by=fatma)

    assert not market_decisions.book_as_paid(frame.claim(), reason="Here it is", by=fatma)
    assert market_decisions.book_as_paid(frame.claim(), reason="As I said", by=fin)


def test_what_one_person_gives_in_small_sums_within_a_day_is_taken_together(market, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)

    for number, by in enumerate((fin, fin, fin, fatma)):
        gives(campaign, frame.claim().worker, 12, by=by, reference=f"b{number}")
    looked_at()

    assert list(SignOff.objects.order_by("pk").values_list("needs_second", flat=True)) == [False, False, True, False]
    assert owed_at(market) == [("bonus", 12), ("bonus", 12), ("bonus", 12), ("work", 10)]


def test_a_top_up_past_the_limit_waits_and_the_command_says_so(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    fin, _ = limited(campaign, 100)
    Assignment.objects.filter(campaign=campaign).update(active_seconds=3600)
    deposit(campaign, 5000)

    told = said("mturk", "top-up", campaign.name, "--hourly", "15.00", "--by", fin.email)

    assert "1 payments or decisions wait for a second person" in told
    looked_at()
    assert owed_at(market) == [("work", 10)]
    assert list(fair_pay.top_up(campaign, hourly=1500, by=fin)) == []  # again, it is not owed twice


def test_the_database_refuses_that_one_person_signs_twice(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    fin, _ = limited(campaign, 25)
    row = {"organization": campaign.organization, "verb": "accept", "subject": "x", "amount": 1, "currency": "USD"}
    row = SignOff.objects.create(**row, reason="x", needs_second=True, asked_by=fin)

    with pytest.raises(IntegrityError, match="signoff_by_another"), transaction.atomic():
        SignOff.objects.update(signed_by=fin, signed_at=row.asked_at)


def test_a_slot_is_paid_besides_when_another_clicks_the_same(market):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    address = f"/admin/channels/claim/{frame.claim().pk}/pay-besides/"

    answer = client(fin).post(address, {"reason": "Never paid there", "seen_unpaid": "on"}, follow=True)

    assert "somebody else has to agree" in answer.content.decode()
    assert not frame.claim().besides
    assert not Obligation.objects.filter(settlement__isnull=False, organization=campaign.organization).exists()
    client(fin).post(address, {"reason": "Now, please", "seen_unpaid": "on"})
    assert not frame.claim().besides
    client(fatma).post(address, {"reason": "So I saw", "seen_unpaid": "on"})
    assert frame.claim().besides
    assert [line.reason for line in Trail.objects.filter(verb="pay besides")] == ["So I saw"]


def test_what_is_booked_as_paid_and_what_is_taken_for_settled_want_two_as_well(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    fin, fatma = limited(campaign, 7)
    market.bonus(worked(market), "0.07")  # by hand, of which our books know nothing
    for _ in range(2):
        looked_at()
    offer = Publication.objects.get()
    assert market_decisions.at_stake(offer) == 7

    assert not market_decisions.accept(offer, reason="A good hint", by=fin)
    assert Publication.objects.get().accepted_at is None
    market_signing.agree(SignOff.objects.get(), reason="I gave it", by=fatma)

    assert Publication.objects.get().accepted_at is not None
    with pytest.raises(market_decisions.NothingToDecide, match="nothing waits"):
        market_signing.agree(SignOff.objects.get(), reason="Again", by=fatma)


def test_below_the_limit_and_without_one_a_single_person_decides(market):
    campaign, frame, fin = given_up(market)
    limited(campaign, 11)

    assert market_decisions.book_as_paid(frame.claim(), reason="It stood on its statement", by=fin)

    assert frame.claim().settled
    assert SignOff.objects.get().needs_second is False


@pytest.mark.parametrize("limit", [1000, None])
def test_what_waits_goes_on_waiting_when_the_limit_is_raised_or_taken_away_and_over_days(market, time_machine, limit):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    assert not market_decisions.book_as_paid(frame.claim(), reason="It stood on its statement", by=fin)
    boss = member(campaign.organization, "admin", email="raises@example.org")
    payments.set_policy(campaign.organization, currency="USD", by=boss, second_person_from=limit)
    time_machine.move_to(clock.now() + timedelta(days=3))

    assert not market_decisions.book_as_paid(frame.claim(), reason="Now, please", by=fin)
    assert market_decisions.book_as_paid(frame.claim(), reason="So I saw", by=fatma)
