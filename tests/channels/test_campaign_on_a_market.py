"""A campaign on an outside market, from its launch to its last cent. The market is our own service, over boto3."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.channels import queries
from apps.channels.models import Claim, Grant, Intent, Publication
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement
from apps.pipeline import flow, market_books, market_people, market_purses, market_verdicts, outside, steps
from apps.pipeline.findings import NotReady
from apps.quality.models import Consensus, Review
from apps.turkapi.models import Hit
from apps.work.models import Assignment
from apps.workforce import services as workforce
from tests import belt
from tests.channels.market import accept, launched, looked_at, mails_go_out, offered, worked
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def agree(campaign, market):
    """Both books are in balance, owe the same, and hold nothing for the campaign."""
    assert books.imbalances() == []
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    ours = Settlement.objects.filter(obligation__organization=campaign.organization)
    theirs = Obligation.objects.filter(organization=market.organization)
    paid = sum(ours.values_list("obligation__amount", flat=True))
    assert paid == sum(theirs.values_list("amount", flat=True))
    assert Budget.objects.get(owner=campaign.key).held == 0


def test_a_campaign_is_offered_worked_on_paid_and_finished(market):
    campaign = launched(items=2, page_size=2, redundancy=4, price=10)  # each page is of both: there are four

    for _ in range(4):
        worked(market)

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert Consensus.objects.filter(campaign=campaign).count() == 2
    assert Claim.objects.filter(state="confirmed", verdict="approved", settled=True).count() == 4
    assert list(Obligation.objects.filter(campaign=campaign).values_list("amount", flat=True)) == [10] * 4
    assert Settlement.objects.count() == 4
    agree(campaign, market)


def test_slots_are_offered_in_waves_of_nine_and_never_more_than_tasks_want(market):
    campaign = launched(items=30, page_size=2, redundancy=2)

    assert sorted(hit.most for hit in market.hits()) == [3, 9, 9, 9]
    assert queries.free(queries.of(campaign)) == queries.demand(campaign) == 30


def test_money_is_held_with_the_markets_fees_and_these_are_booked_when_a_page_is_approved(market, settings):
    settings.MTURK_FEES = [20, 20, 5, 20, 1]
    market.reopen()
    campaign = launched(items=2, page_size=2, redundancy=1, price=12, budget=100)

    (offer,) = queries.of(campaign)
    assert (offer.reward, offer.fee, offer.held) == (12, 2, 14)
    assert Budget.objects.get(owner=campaign.key).held == 14
    worked(market)

    assert books.balance(campaign.organization, kind="fees", owner="channel:mturk", currency="USD") == 2
    assert Settlement.objects.get().fee == 2
    assert Budget.objects.get(owner=campaign.key).spent == 14
    agree(campaign, market)


def test_what_the_budget_does_not_pay_for_is_not_offered(market):
    campaign = launched(items=10, page_size=1, redundancy=1, price=10, budget=100)
    flow.pause(campaign)
    looked_at()
    ledger.hold(campaign.key, amount=70)  # for something else
    flow.resume(campaign)
    belt.run()

    assert queries.free(queries.of(campaign)) == 3
    ledger.release(campaign.key, amount=70)
    belt.run()

    assert queries.free(queries.of(campaign)) == 10


def test_a_market_without_the_money_for_all_of_it_keeps_a_campaign_from_being_launched(market):
    campaign = offered(items=100, page_size=1, redundancy=5, price=1000, budget=500_000)

    with pytest.raises(NotReady, match="the whole campaign costs"):
        flow.launch(campaign)

    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_a_batch_that_the_markets_money_cuts_short_goes_on_where_it_was(market, mailoutbox):
    campaign = offered(items=18, page_size=1, redundancy=1, price=100)
    member(campaign.organization, "finance", email="fin@example.org")
    flow.launch(campaign)
    market.leave(1000)
    belt.run()
    planned = Publication.objects.filter(campaign=campaign, state="planned")
    assert (len(market.hits()), planned.count()) == (1, 1)
    assert "InsufficientFunds" in planned.get().problem
    market_purses.look_into_purses()
    market_purses.look_into_purses()
    mails_go_out()
    assert [mail.to for mail in mailoutbox] == [["fin@example.org"]]

    market.deposit(5000)
    looked_at()

    assert sorted(hit.most for hit in market.hits()) == [9, 9]


def test_a_paused_campaign_is_taken_off_and_offered_again_when_it_goes_on(market):
    campaign = launched(items=4, page_size=2, redundancy=2)

    flow.pause(campaign)
    looked_at()
    assert queries.free(queries.of(campaign)) == 0
    assert {hit.task.closes_at <= clock.now() for hit in market.hits()} == {True}
    flow.resume(campaign)
    looked_at()

    assert queries.free(queries.of(campaign)) == 4
    assert Budget.objects.get(owner=campaign.key).held == 40


def test_a_campaign_is_stopped_with_who_is_at_work_and_cleaned_up_and_that_may_be_asked_again(market):
    campaign = launched(items=8, page_size=2, redundancy=2)
    frame = accept(market)
    frame.get()

    flow.stop_outside(campaign)
    looked_at()
    flow.stop_outside(campaign)
    campaign.refresh_from_db()
    assert campaign.state == "stopping"
    frame.work()
    for _ in range(3):
        looked_at()
        flow.stop_outside(campaign)

    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    assert set(Publication.objects.values_list("state", flat=True)) == {"disposed"}
    assert {hit.disposed_at is not None for hit in market.hits()} == {True}
    agree(campaign, market)


def test_who_finds_nothing_left_is_paid_and_kept_out_from_then_on(market):
    launched(items=2, page_size=2, redundancy=12)  # two offers: nobody gets two slots of one
    worker = market.worker()
    worked(market, worker)
    again = Grant.objects.filter(worker__external_id=market.name(worker), state="granted")
    assert not again.exists()

    frame = accept(market, worker)
    said = frame.get().content.decode()
    frame.finish()
    looked_at()

    assert "There is nothing left" in said
    assert again.exists()
    page = Claim.objects.get(assignment=frame.assignment).page
    assert (page.state, page.pay, page.places_count) == ("approved", 10, 0)


def test_a_rejection_tells_its_reason_is_replaced_and_can_be_turned_within_the_markets_time(market):
    campaign = launched(items=2, page_size=2, redundancy=1, review="person")
    boss = member(campaign.organization)
    frame = worked(market)
    page = frame.claim().page
    flow.decide(page.review, verdict="reject", reason="Every answer is empty.", by=boss)
    looked_at()

    assert Review.objects.get(assignment=frame.held).reason == "Every answer is empty."
    assert Assignment.objects.get(pk=frame.held.pk).state == "rejected"
    assert queries.free(queries.of(campaign)) == 1
    flow.decide(page.review, verdict="approve", reason="I was wrong.", by=boss)
    looked_at()

    assert Assignment.objects.get(pk=frame.held.pk).state == "approved"
    assert frame.claim().verdict == "approved"
    assert books.imbalances() == []
    assert Settlement.objects.count() == 1


def test_what_the_market_approves_by_itself_is_booked(market):
    launched(items=2, page_size=2, redundancy=1, review="person", approve_after_seconds=7 * 86400)
    frame = worked(market)
    assert frame.claim().verdict == "submitted"

    market.approve(frame)
    looked_at()

    page = frame.claim().page
    assert (page.state, frame.claim().verdict, frame.claim().settled) == ("approved", "approved", True)
    assert Settlement.objects.get().obligation.assignment == page


def test_what_was_paid_is_booked_with_the_offer_locked_before_its_page_as_all_do(market):
    launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.work()
    outside.collect(Publication.objects.get().pk)
    page = frame.claim().page
    steps.settle(page.pk)

    with CaptureQueriesContext(connection) as told:
        market_verdicts.pass_on(frame.claim().pk)

    assert frame.claim().settled
    locked = [each["sql"] for each in told if "FOR NO KEY UPDATE" in each["sql"]]
    of_offer = [at for at, sql in enumerate(locked) if 'FROM "channels_publication"' in sql]
    of_page = [at for at, sql in enumerate(locked) if 'FROM "work_assignment"' in sql and page.pk.hex in sql]
    assert of_offer[0] < of_page[0]


def test_what_the_market_turns_from_rejected_to_approved_is_booked_too(market):
    campaign = launched(items=2, page_size=2, redundancy=1, review="person")
    frame = worked(market)
    flow.decide(frame.claim().page.review, verdict="reject", reason="Empty.", by=member(campaign.organization))
    looked_at()

    market.approve(frame, OverrideRejection=True)
    looked_at()

    assert frame.claim().page.state == "approved"
    assert Settlement.objects.count() == 1
    assert books.imbalances() == []


def test_a_bonus_is_paid_by_the_market_once_and_both_books_have_it(market, settings):
    settings.MTURK_FEES = [0, 0, 0, 20, 1]
    market.reopen()
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=1000)
    frame = worked(market)
    deposit(campaign, 500)
    owed = payments.pay_bonus(
        frame.claim().worker, amount=50, currency="USD", reference="b1", reason="Thorough", campaign=campaign,
        by=member(campaign.organization),
    )  # fmt: skip

    looked_at()
    looked_at()

    assert sorted(Obligation.objects.filter(organization=market.organization).values_list("kind", "amount")) == [
        ("bonus", 50), ("work", 10),
    ]  # fmt: skip
    assert Settlement.objects.get(obligation=owed).fee == 10
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert books.imbalances() == []


def test_who_could_not_hand_in_is_paid_by_a_slot_of_their_own(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    frame = accept(market, worker)
    frame.get()
    deposit(campaign, 500)
    owed = payments.pay_bonus(
        frame.claim().worker, amount=25, currency="USD", reference="c1", reason="Our page failed you",
        by=member(campaign.organization),
    )  # fmt: skip
    looked_at()

    (offer,) = Publication.objects.exclude(owed="")
    made = Hit.objects.get(annotation=offer.key)
    assert (made.most, made.type.campaign.price, offer.state) == (1, 25, "live")
    slot = accept(market, worker, hit=made)
    slot.finish()
    looked_at()

    assert Settlement.objects.get(obligation=owed).receipt == slot.assignment
    assert books.imbalances() == []


def test_both_lists_of_payments_agree_to_the_cent_and_a_difference_is_told(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frames = [worked(market) for _ in range(2)]

    (row,) = market_books.compare(campaign.organization)
    assert (row.ours, row.ours_amount, row.market, row.market_amount, row.differences) == (2, 20, 2, 20, [])
    market.bonus(frames[0], "0.07")
    (row,) = market_books.compare(campaign.organization)

    (difference,) = row.differences
    assert (difference["side"], difference["kind"], difference["amount"]) == ("market", "bonus", 7)


def test_reconciling_is_due_once_a_day(market, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=2)
    assert campaign.organization.reconciliations.count() == 1

    time_machine.move_to(clock.now() + timedelta(hours=25))
    belt.run()

    assert campaign.organization.reconciliations.count() == 2


def test_who_is_stopped_here_is_kept_from_offers_there_and_let_in_again(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    stop = workforce.restrict(frame.claim().worker, reason="Wrote nonsense")
    market_people.follow_stops()
    belt.run()
    assert market.qualifications(frame.worker) == {f"labelcrowd {campaign.organization.slug}: no work at present"}

    workforce.lift(stop, by=member(campaign.organization))
    market_people.follow_stops()
    belt.run()

    assert market.qualifications(frame.worker) == set()


def test_adaptive_redundancy_extends_an_offer_below_ten(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    flow.change_terms(campaign, redundancy=3, price=campaign.price)
    belt.run()

    (hit,) = market.hits()
    assert hit.most == 3
    assert Intent.objects.filter(verb="extend", state="done").count() == 1
    assert queries.of(campaign).get().slots == 3
