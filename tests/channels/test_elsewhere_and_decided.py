"""Offers of another endpoint or account than the present one, and what a person decides where two books can't agree."""

from datetime import timedelta

import pytest

from apps.channels.models import Claim, Grant, Intent, Publication, Qualifier
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow, market_books, market_decisions, market_people
from apps.turkapi.models import Hit, QualificationType
from apps.work.models import Assignment
from apps.workforce import services as workforce
from tests.channels.elsewhere import finance_of, of_another_account
from tests.channels.faults import between
from tests.channels.market import accept, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, compared, losing, refused
from tests.console.house import client_of
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_at_another_endpoint_nothing_is_asked_or_concluded_and_where_an_offer_is_is_said(market, leads, mailoutbox):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    finance_of(campaign)
    frame = worked(market)
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="b1")
    flow.decide(frame.claim().page.review, verdict="approve", by=member(campaign.organization))
    leads("other")
    Intent.objects.update(state="planned", sent_at=None)  # as if nothing had been sent yet

    looked_at()
    (row,) = market_books.compare(campaign.organization)

    offer = Publication.objects.first()
    ours = (offer.name.encode(), frame.assignment.encode())
    assert not [each for each in leads.asked if any(name in each.body for name in ours)]
    assert (offer.state, offer.problem) == (
        "live", "it was made at testserver, and AWS_ENDPOINT_URL_MTURK leads to other now",
    )  # fmt: skip
    assert (row.publications, row.unread, row.agrees) == (0, 0, True)
    assert "At another endpoint" in client_of(campaign.organization, "finance").get("/admin/").content.decode()
    leads("testserver")
    for _ in range(2):
        looked_at()
    assert Settlement.objects.filter(obligation=owed).exists()
    assert frame.claim().settled
    assert compared(campaign).agrees


def test_an_offer_of_an_endpoint_that_is_used_no_more_is_given_up_and_what_it_owes_is_for_a_person(
    market, leads, settings, time_machine
):
    settings.MARKET_LAG_SECONDS = 120
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    fin = finance_of(campaign)
    done, handed_in = worked(market), accept(market)
    handed_in.get()
    flow.decide(done.claim().page.review, verdict="approve", by=member(campaign.organization, email="boss@example.org"))
    leads("other")
    flow.stop_outside(campaign)
    looked_at()

    market_decisions.accept(Publication.objects.get(), reason="Closed for good", by=fin)
    time_machine.move_to(clock.now() + timedelta(minutes=3))  # so long what was handed in there might have been told
    for _ in range(2):
        looked_at()
    campaign.refresh_from_db()
    assert (campaign.state, Publication.objects.get().state) == ("stopped", "collected")
    assert list(market_decisions.stuck()) == [done.claim()]
    market_decisions.book_as_paid(done.claim(), reason="It stood on its last statement", by=fin)
    looked_at()

    assert (leads.asked, Publication.objects.get().state) == ([], "disposed")
    assert Settlement.objects.get().obligation.assignment == done.claim().page
    assert [line.reason for line in Trail.objects.filter(actor=fin).order_by("pk")] == [
        "Closed for good", "It stood on its last statement",
    ]  # fmt: skip
    assert books.imbalances() == []


def test_with_the_keys_of_another_account_no_offer_is_taken_for_lost_and_no_payment_for_refused(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    frame = worked(market)
    flow.decide(frame.claim().page.review, verdict="approve", by=member(campaign.organization))
    bonus(campaign, frame.claim().worker, amount=25, reference="b1")
    Claim.objects.update(verdict="submitted")
    Intent.objects.filter(verb="approve").delete()
    of_another_account(market)

    looked_at()

    assert Publication.objects.get().state == "live"
    assert "is this the account" in Publication.objects.get().problem
    assert set(Intent.objects.exclude(verb="publish").values_list("verb", "state")) == {
        ("approve", "planned"), ("pay_bonus", "planned"),
    }  # fmt: skip


def test_finance_takes_a_lasting_difference_for_settled_with_a_reason_and_the_offer_is_deleted(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    market.bonus(worked(market), "0.07")  # by hand, of which our books know nothing
    for _ in range(2):
        looked_at()
    offer = Publication.objects.get()
    assert (offer.state, offer.problem) == ("collected", "its payments differ from the market's list")
    address = f"/admin/channels/publication/{offer.pk}/"
    assert client_of(campaign.organization, "requester").get(f"{address}accept/").status_code == 403
    browser = client_of(campaign.organization, "finance")
    assert "Take it for settled" in browser.get(f"{address}change/").content.decode()

    browser.post(f"{address}accept/", {"reason": "Paid by hand for a good hint"})
    looked_at()

    offer.refresh_from_db()
    assert (offer.state, market.hits()[0].disposed_at is not None) == ("disposed", True)
    line = Trail.objects.get(verb="accept")
    assert (line.subject, line.reason) == (f"publication:{offer.pk}", "Paid by hand for a good hint")


def test_what_agrees_or_is_still_offered_is_not_for_a_person_to_take_for_settled(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    fin = finance_of(campaign)
    offer = Publication.objects.get()

    with pytest.raises(market_decisions.NothingToDecide, match="the market has it"):
        market_decisions.accept(offer, reason="Away with it", by=fin)
    with pytest.raises(market_decisions.NothingToDecide, match="reason"):
        market_decisions.accept(offer, reason=" ", by=fin)
    frame = worked(market)
    with pytest.raises(market_decisions.NothingToDecide, match="the market pays it"):
        market_decisions.pay_besides(frame.claim(), reason="Be kind", by=fin)
    assert not Trail.objects.filter(actor=fin).exists()


def test_work_whose_approval_the_market_refuses_is_shown_as_owed_and_paid_besides_by_a_click(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    worker = market.worker()
    worked(market, worker)
    losing(market, Publication.objects.get().name)
    Claim.objects.update(assignment="A" * 30)  # gone there with its offer
    flow.decide(Claim.objects.get().page.review, verdict="approve", by=member(campaign.organization))
    looked_at()
    claim = Claim.objects.get()
    assert Intent.objects.get(verb="approve").state == "refused"
    browser = client_of(campaign.organization, "finance")
    assert "Markets won&#x27;t pay" in browser.get("/admin/").content.decode()
    assert "A" * 30 in browser.get("/admin/channels/claim/?stuck=yes").content.decode()
    page = browser.get(f"/admin/channels/claim/{claim.pk}/change/").content.decode()
    assert "The worker is owed it" in page

    browser.post(
        f"/admin/channels/claim/{claim.pk}/pay-besides/", {"reason": "It was never paid there", "seen_unpaid": "on"}
    )
    looked_at()
    assert list(market_decisions.stuck()) == [claim]
    (slot,) = Publication.objects.exclude(owed="")
    accept(market, worker, hit=Hit.objects.get(annotation=slot.key)).finish()
    for _ in range(2):
        looked_at()

    claim.refresh_from_db()
    assert claim.settled
    assert Obligation.objects.filter(organization=market.organization).values_list("amount").get() == (10,)
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert not market_decisions.stuck().exists()
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def test_a_rejection_long_settled_that_somebody_turns_at_the_market_is_booked(market, time_machine):
    month = 30 * 86_400
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=month)
    began = clock.now()
    frame = worked(market)
    flow.decide(frame.claim().page.review, verdict="reject", reason="Empty.", by=member(campaign.organization))
    time_machine.move_to(began + timedelta(days=5))
    worked(market)  # waits for its verdict till day 35, and so keeps the offer at the market
    time_machine.move_to(began + timedelta(days=31))
    looked_at()
    assert (frame.claim().verdict, frame.claim().settled, frame.claim().page.held) == ("rejected", True, 0)

    flow.decide(Assignment.objects.get(pk=frame.held.pk).review, verdict="approve", reason="Mine.", by=market.user)
    for _ in range(2):
        looked_at()

    claim = frame.claim()
    assert (claim.verdict, claim.settled, claim.page.state) == ("approved", True, "approved")
    assert Settlement.objects.get().obligation.assignment == claim.page
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []
    assert compared(campaign).differences == []


def test_while_a_bonus_is_under_way_no_comparison_is_asked_for(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    assert Publication.objects.get().state == "collected"
    bonus(campaign, frame.claim().worker, amount=25, reference="b1")

    def wire(request):
        return refused(request, "InsufficientFunds")

    between(market.client(), iter(lambda: wire, None))
    looked_at()
    count = campaign.organization.reconciliations.count()
    for _ in range(3):
        looked_at()

    offer = Publication.objects.get()
    assert campaign.organization.reconciliations.count() == count
    assert offer.problem == "a bonus for work on it is under way"
    assert offer.due_at > clock.now() + timedelta(minutes=9)


def test_a_qualification_that_somebody_deleted_at_the_market_is_made_anew_and_granted_again(market):
    campaign = launched(items=8, page_size=2, redundancy=1, most_pages=1)
    worked(market)
    done = f"labelcrowd {campaign.pk.hex}: done"
    before = Qualifier.objects.get(name=done).known_as
    market.client().delete_qualification_type(QualificationTypeId=before)

    flow.change_terms(campaign, redundancy=1, price=12)  # other terms, so another offer
    flow.pause(campaign)
    looked_at()
    flow.resume(campaign)
    for _ in range(2):
        looked_at()

    assert Publication.objects.filter(state="live").count() == 1
    assert not Publication.objects.filter(state="refused").exists()
    assert Qualifier.objects.get(name=done).known_as != before
    assert Grant.objects.get(name=done).state == "granted"
    (made,) = QualificationType.objects.filter(name=done, deleted_at=None)
    assert made.pk.hex.upper() == Qualifier.objects.get(name=done).known_as


def test_a_block_is_lifted_at_the_market_with_the_workers_last_restriction(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    boss = member(campaign.organization, email="boss@example.org")
    worker = frame.claim().worker
    stop = workforce.restrict(worker, reason="Copies others")
    market_people.block(worker, reason="Copies others", by=boss)
    blocks = market.client().list_worker_blocks
    assert [each["WorkerId"] for each in blocks()["WorkerBlocks"]] == [market.name(frame.worker)]

    workforce.lift(stop, by=boss)
    market_people.follow_stops()
    looked_at()

    assert blocks()["WorkerBlocks"] == []
    assert Grant.objects.get(name="blocked").state == "revoked"
