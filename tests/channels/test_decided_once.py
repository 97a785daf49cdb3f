"""What a person decides about an offer or a slot holds: nothing is paid twice by it, and for all there is a way out."""

from datetime import timedelta
from hashlib import sha256

import pytest
from botocore.exceptions import ConnectionClosedError
from django.db import IntegrityError, transaction

from apps.channels import queries
from apps.channels import services as channels
from apps.channels.models import Intent, Publication
from apps.channels.mturk.market import MTurk
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow, market_books, market_debts, market_decisions, market_money, outside
from tests import belt
from tests.channels.elsewhere import finance_of, of_another_account
from tests.channels.faults import between, fine, reset_after, unreachable
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, losing
from tests.console.house import client_of
from tests.factories import member

pytestmark = pytest.mark.django_db


def given_up(market):
    """Return a slot that we approve and nobody told the market, whose offer was lost there and taken for settled."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    fin = finance_of(campaign)
    frame = worked(market)
    losing(market, Publication.objects.get().name)
    market_decisions.accept(Publication.objects.get(), reason="Lost", by=fin)
    looked_at()
    flow.decide(
        frame.claim().page.review, verdict="approve", by=member(campaign.organization, email="boss@example.org")
    )
    assert not Intent.objects.filter(verb="approve").exists()
    return campaign, frame, fin


def reset_before(request):
    raise ConnectionClosedError(endpoint_url=request.url)


def resetting(market, operation, fault):
    """Have a fault hit an operation at the market."""

    def wire(request):
        return (fault if f".{operation}" in str(request.headers["X-Amz-Target"]) else fine)(request)

    between(market.client(), iter(lambda: wire, None))


def owed_at(market):
    return sorted(Obligation.objects.filter(organization=market.organization).values_list("kind", "amount"))


def test_a_slot_that_somebody_has_paid_besides_is_never_approved_though_its_market_would(market):
    campaign, frame, fin = given_up(market)

    market_decisions.pay_besides(frame.claim(), reason="Never paid there", by=fin, seen_unpaid=True)
    for _ in range(2):
        looked_at()

    assert owed_at(market) == [("bonus", 10)]
    assert frame.claim().settled
    assert not Intent.objects.filter(verb="approve", state__in=["planned", "sending", "done"]).exists()
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def test_a_slot_that_its_market_says_it_did_not_pay_is_not_booked_as_paid_nor_while_it_can_not_be_asked(market):
    _, frame, fin = given_up(market)
    market.reopen()
    between(market.client(), iter([unreachable]))

    with pytest.raises(market_decisions.NotNow, match="can't be asked whether it was paid"):
        market_decisions.book_as_paid(frame.claim(), reason="I think so", by=fin)
    with pytest.raises(market_decisions.NothingToDecide, match="has it as submitted"):
        market_decisions.book_as_paid(frame.claim(), reason="I think so", by=fin)
    assert not Settlement.objects.exists()
    market.approve(frame)
    assert market_decisions.book_as_paid(frame.claim(), reason="It lists it", by=fin)


def test_the_database_refuses_an_approval_of_what_is_paid_besides(market):
    campaign, frame, fin = given_up(market)
    claim = frame.claim()
    asked = {"organization": campaign.organization, "channel": "mturk", "verb": "approve", "asked": {}}
    planned = Intent.objects.create(**asked, key=f"claim:{claim.pk}")
    market_decisions.pay_besides(claim, reason="Never paid there", by=fin, seen_unpaid=True)
    assert Intent.objects.get(pk=planned.pk).state == "dropped"

    for refused in (
        lambda: Intent.objects.create(**asked, key=f"claim:{claim.pk}:override"),
        lambda: Intent.objects.filter(pk=planned.pk).update(state="sending", sent_at=clock.now()),
    ):
        with pytest.raises(IntegrityError, match="is paid besides"), transaction.atomic():
            refused()


def test_an_approval_that_may_be_happening_is_not_paid_besides_and_what_is_is_not_booked_by_a_stale_form(market):
    campaign, frame, fin = given_up(market)
    key, asked = f"claim:{frame.claim().pk}", {"assignment": frame.assignment}
    sending = Intent.objects.create(
        organization=campaign.organization, channel="mturk", verb="approve", key=key, asked=asked, state="sending",
        sent_at=clock.now(),
    )  # fmt: skip

    with pytest.raises(market_decisions.NothingToDecide, match="is not known yet"):
        market_decisions.pay_besides(frame.claim(), reason="Never paid there", by=fin, seen_unpaid=True)
    sending.delete()
    market_decisions.pay_besides(frame.claim(), reason="Never paid there", by=fin, seen_unpaid=True)
    with pytest.raises(market_decisions.NothingToDecide, match="decided before"):
        market_decisions.book_as_paid(frame.claim(), reason="It was", by=fin)

    assert not Settlement.objects.exists()


def test_what_is_owed_at_an_endpoint_that_is_used_no_more_is_paid_otherwise_and_never_by_its_market(market, leads):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    fin = finance_of(campaign)
    frame = worked(market)
    flow.decide(
        frame.claim().page.review, verdict="approve", by=member(campaign.organization, email="boss@example.org")
    )
    extra = bonus(campaign, frame.claim().worker, amount=25, reference="b1")
    leads("other")
    flow.stop_outside(campaign)
    looked_at()
    market_decisions.accept(Publication.objects.first(), reason="Closed for good", by=fin)
    looked_at()
    work = Obligation.objects.get(assignment=frame.claim().page)
    with pytest.raises(market_decisions.NothingToDecide, match="pay it yourself"):
        market_decisions.pay_besides(frame.claim(), reason="Never paid there", by=fin, seen_unpaid=True)
    assert list(market_debts.lasting()) == [work, extra]
    browser = client_of(campaign.organization, "finance")
    assert "Owed, and no market pays" in browser.get("/admin/").content.decode()
    assert "25" in browser.get("/admin/payments/obligation/?paid=nowhere").content.decode()

    for owed in (work, extra):
        address = f"/admin/payments/obligation/{owed.pk}/"
        assert "It was paid otherwise" in browser.get(f"{address}change/").content.decode()
        browser.post(f"{address}paid-otherwise/", {"reason": "By bank on Monday", "seen_unpaid": "on"})
    leads("testserver")
    for _ in range(2):
        looked_at()

    assert (frame.claim().settled, owed_at(market)) == (True, [])
    assert not market_debts.lasting().exists()
    assert Trail.objects.filter(verb="pay otherwise", reason="By bank on Monday").count() == 2
    assert set(Settlement.objects.values_list("receipt", "fee")) == {("paid otherwise", 0)}
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def in_doubt(market, fault):
    """Return a bonus of 25 that was sent a day ago, and of which nobody knows whether it was paid."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    fin = finance_of(campaign)
    owed = bonus(campaign, worked(market).claim().worker, amount=25, reference="b1")
    resetting(market, "SendBonus", fault)
    looked_at()
    assert not market_debts.lasting().exists()
    long_ago = clock.now() - timedelta(hours=24)
    Intent.objects.filter(verb="pay_bonus").update(state="sending", sent_at=long_ago, begun_at=long_ago)
    assert list(market_debts.lasting()) == [owed]
    return campaign, owed, fin


def test_a_bonus_that_the_market_turns_out_to_have_paid_is_booked_as_that_and_not_otherwise(market):
    campaign, owed, fin = in_doubt(market, reset_after)

    with pytest.raises(market_decisions.NothingToDecide, match="the market paid it"):
        market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    market_money.remit(owed.pk)

    assert owed_at(market).count(("bonus", 25)) == 1
    settled = Settlement.objects.get(obligation=owed)
    assert settled.receipt == str(Intent.objects.get(verb="pay_bonus").pk)
    (row,) = market_books.compare(campaign.organization)
    assert row.agrees


def test_a_bonus_is_not_paid_otherwise_while_it_is_being_sent(market, monkeypatch):
    _, owed, fin = in_doubt(market, reset_before)
    said = []
    pays = MTurk.pay_bonus

    def while_it_is_sent(self, *args, **kwargs):
        with pytest.raises(market_decisions.NothingToDecide, match="is being asked") as refusal:
            market_debts.pay_otherwise(owed, reason="By bank", by=fin)
        said.append(refusal.value)
        return pays(self, *args, **kwargs)

    market.reopen()
    monkeypatch.setattr(MTurk, "pay_bonus", while_it_is_sent)
    market_money.remit(owed.pk)

    assert len(said) == 1
    assert owed_at(market).count(("bonus", 25)) == 1
    assert Settlement.objects.get(obligation=owed).receipt != "paid otherwise"


def test_a_bonus_of_which_the_market_never_says_whether_it_was_paid_is_for_a_person_and_sent_no_more(market):
    _, owed, fin = in_doubt(market, reset_before)

    market_debts.pay_otherwise(owed, reason="By bank", by=fin)
    market.reopen()
    looked_at()
    market_money.remit(owed.pk)

    assert Intent.objects.get(verb="pay_bonus").state == "dropped"
    assert owed_at(market) == [("work", 10)]
    assert Settlement.objects.get(obligation=owed).fee == 0


def test_an_offer_that_may_have_been_made_at_another_endpoint_can_be_given_up_and_its_campaign_ends(market, leads):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    fin = finance_of(campaign)
    Publication.objects.update(state="planned", name="", slots=0, offered_at=None)
    Intent.objects.update(state="sending", receipt="")
    leads("other")
    flow.stop_outside(campaign)
    looked_at()
    offer = Publication.objects.get()
    assert (offer.state, offer.held) == ("planned", 10)
    browser = client_of(campaign.organization, "finance")
    assert "Take it for settled" in browser.get(f"/admin/channels/publication/{offer.pk}/change/").content.decode()

    market_decisions.accept(offer, reason="Closed for good", by=fin)
    belt.run()

    offer.refresh_from_db()
    campaign.refresh_from_db()
    assert (offer.state, offer.held, Intent.objects.get().state) == ("dropped", 0, "dropped")
    assert campaign.state == "stopped"


def test_an_offer_that_was_taken_for_over_and_is_alive_is_taken_off(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    offer = Publication.objects.get()
    fin = finance_of(offer.campaign)
    losing(market, offer.name)
    market_decisions.accept(offer, reason="Lost", by=fin)
    market.reopen()  # and there it is again

    for _ in range(3):
        looked_at()

    offer.refresh_from_db()
    assert (offer.state, market.hits()[0].disposed_at is not None) == ("disposed", True)


def test_an_offer_that_was_never_sent_is_dropped_with_its_campaign(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    Publication.objects.update(state="planned", name="", slots=0, offered_at=None)
    Intent.objects.update(state="planned", receipt="", sent_at=None)

    assert channels.withdraw(Publication.objects.get())

    assert (Publication.objects.get().state, Intent.objects.get().state) == ("dropped", "dropped")


def test_offers_older_than_their_world_was_kept_are_not_lost_by_the_keys_of_another_account(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    Publication.objects.update(environment="")
    of_another_account(market)

    looked_at()

    assert Publication.objects.get().state == "live"


def test_an_offer_in_doubt_is_not_dropped_by_the_keys_of_another_account(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    offer = Publication.objects.get(campaign=campaign)
    Publication.objects.filter(pk=offer.pk).update(state="planned", name="", slots=0, offered_at=None)
    long_ago = clock.now() - timedelta(hours=24)
    Intent.objects.filter(key=offer.key).update(state="sending", receipt="", sent_at=long_ago)
    of_another_account(market)

    flow.stop_outside(campaign)
    outside.offer(offer.pk)

    offer.refresh_from_db()
    assert (offer.state, Intent.objects.get(key=offer.key).state) == ("planned", "sending")


def test_with_the_keys_of_another_account_no_offer_is_taken_for_settled(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    offer = Publication.objects.get(campaign=launched(items=4, page_size=2, redundancy=1, price=10))
    fin = finance_of(offer.campaign)
    of_another_account(market)

    with pytest.raises(market_decisions.NothingToDecide, match="the keys of the account"):
        market_decisions.accept(offer, reason="Lost", by=fin)

    assert Publication.objects.filter(state="live").count() == 2


def test_a_difference_that_was_taken_for_settled_does_not_come_back_with_a_later_bonus(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    fin = finance_of(campaign)
    frame = worked(market)
    market.bonus(frame, "0.07")
    looked_at()
    market_decisions.accept(Publication.objects.get(), reason="Paid by hand", by=fin)
    looked_at()
    assert Publication.objects.get().state == "disposed"

    bonus(campaign, frame.claim().worker, amount=25, reference="late")
    looked_at()

    assert ("bonus", 25) in owed_at(market)
    assert [row.differences for row in market_books.compare(campaign.organization)] == []
    assert belt.due() == []


def test_slots_at_another_endpoint_are_not_free_so_as_many_are_offered_at_the_present_one(market, leads):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    assert queries.shortfall(campaign) == 0

    leads("other")

    assert queries.shortfall(campaign) == queries.demand(campaign) == 2
    looked_at()
    assert Publication.objects.filter(environment="other").exists()
    leads("testserver")
    assert queries.shortfall(campaign) == 0


def test_what_is_open_at_markets_is_said_before_a_month_is_closed_and_a_comparison_is_had_as_a_file(market):
    campaign, _frame, _fin = given_up(market)
    (row,) = market_books.compare(campaign.organization)
    browser = client_of(campaign.organization, "finance")

    month = browser.get("/admin/ledger/closing/add/").content.decode()
    address = f"/admin/channels/reconciliation/{row.pk}/"
    page = browser.get(f"{address}change/").content.decode()
    file, again, told = (browser.get(f"{address}{name}/") for name in ("file", "file", "manifest"))

    assert "1 slot is owed that its market won&#x27;t approve" in month
    assert all(f"{address}{name}/" in page for name in ("file", "manifest"))
    assert file.content == again.content
    assert file["X-SHA256"] == sha256(file.content).hexdigest() == told.json()["sha256"]
    assert (told.json()["rows"], told.json()["totals"]["ours USD"]) == (len(file.content.splitlines()) - 1, "0.00")
