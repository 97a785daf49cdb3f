"""What a market refuses, what it sells, and what is paid after an offer is gone."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from apps.channels import queries
from apps.channels.models import Intent, Publication
from apps.channels.mturk.qualifying import Premium, premium
from apps.core import clock
from apps.payments import services as payments
from apps.payments.models import Obligation, Payout, PayoutBatch, Settlement
from apps.pipeline import flow, market_books, market_money
from apps.pipeline.findings import NotReady
from apps.turkapi.models import Hit
from tests.channels.faults import answered, between, fine
from tests.channels.market import accept, launched, looked_at, offered, worked
from tests.factories import member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def bonus(campaign, worker, *, amount, reference):
    deposit(campaign, 500)
    return payments.pay_bonus(
        worker, amount=amount, currency="USD", reference=reference, reason="Thorough", campaign=campaign,
        by=member(campaign.organization),
    )  # fmt: skip


def owed_a_bonus(market, **values):
    """Return a campaign, an open slot of it, and the bonus that its worker is owed."""
    campaign = launched(**{"items": 4, "page_size": 2, "redundancy": 1, "price": 10} | values)
    frame = accept(market)
    frame.get()
    return campaign, frame, bonus(campaign, frame.claim().worker, amount=25, reference="c1")


def compared(campaign):
    (row,) = market_books.compare(campaign.organization)
    return row


def refused(request, code):
    body = {"__type": "RequestError", "Message": "no", "TurkErrorCode": f"AWS.MechanicalTurk.{code}"}
    return answered(request, 400, json.dumps(body).encode())


def refusing(market, *operations):
    """Have the market refuse these operations from now on."""

    def wire(request):
        is_it = str(request.headers["X-Amz-Target"]).rstrip("'").endswith(tuple(f".{name}" for name in operations))
        return refused(request, "NoSuchThing") if is_it else fine(request)

    between(market.client(), iter(lambda: wire, None))


def losing(market, name):
    """Have the market know nothing of an offer any more, nor of what was handed in there."""

    def wire(request):
        if ".GetAssignment" in str(request.headers["X-Amz-Target"]):
            return refused(request, "AssignmentDoesNotExist")
        is_it = json.loads(request.body).get("HITId") == name
        return refused(request, "HITDoesNotExist") if is_it else fine(request)

    between(market.client(), iter(lambda: wire, None))


def test_an_offer_that_the_market_would_not_extend_is_not_asked_again_but_another_is_made(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    refusing(market, "CreateAdditionalAssignmentsForHIT")
    flow.change_terms(campaign, redundancy=3, price=campaign.price)
    looked_at()
    assert Intent.objects.get(verb="extend").state == "refused"

    for _ in range(3):
        looked_at()

    assert Intent.objects.filter(verb="extend").count() == 1
    assert sorted(each.most for each in market.hits()) == [1, 2]
    assert queries.shortfall(campaign) == 0


def test_an_offer_that_the_market_lost_is_over_and_another_is_made_while_all_others_are_compared(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    lost = Publication.objects.get()
    market.client().update_expiration_for_hit(HITId=lost.name, ExpireAt=0)
    losing(market, lost.name)

    looked_at()
    assert queries.free(queries.of(campaign)) == 1
    worked(market)
    for _ in range(2):
        looked_at()

    lost.refresh_from_db()
    assert (lost.state, lost.problem) == ("collected", "its payments differ from the market's list")
    assert Publication.objects.exclude(pk=lost.pk).get().state == "disposed"  # of this one both lists agreed
    row = compared(campaign)
    assert [(each["side"], each["kind"], each["amount"]) for each in row.differences] == [("ours", "reward", 10)]


def test_a_market_pays_every_slot_alike_so_tiers_of_pay_are_refused(market):
    campaign = offered(pay_tiers=[{"skill": 0.9, "price": 15}])

    with pytest.raises(NotReady, match="no pay tiers"):
        flow.launch(campaign)


def test_what_a_market_sells_is_asked_for_by_its_id_and_in_the_cost_before_anything_is_offered(market, settings):
    settings.MTURK_FEES = [20, 20, 5, 20, 1]
    settings.MTURK_PREMIUM = {"Exercise: Yes": "00000000000000000040:5"}
    market.reopen()
    wanted = [{"name": "Exercise: Yes", "comparator": "GreaterThanOrEqualTo", "values": [0]}]

    launched(items=2, page_size=2, redundancy=1, price=10, requirements=wanted)

    (offer,) = Publication.objects.all()
    assert (offer.fee, offer.held) == (7, 17)  # a fifth of 10, and 5
    (hit,) = market.hits()
    assert hit.type.requirements[0]["QualificationTypeId"] == "00000000000000000040"


def test_a_price_that_can_not_be_read_stops_what_asks_for_it(settings):
    settings.MTURK_PREMIUM = {"Exercise": "00000000000000000040"}
    assert premium("Another") == Premium()

    with pytest.raises(ImproperlyConfigured, match="an id and cents"):
        premium("Exercise")


def test_a_bonus_paid_after_its_offer_was_deleted_is_compared_too(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    compared(campaign)
    looked_at()
    assert Publication.objects.get().state == "disposed"

    bonus(campaign, frame.claim().worker, amount=30, reference="late")
    looked_at()
    row = compared(campaign)
    assert (row.ours, row.ours_amount, row.market, row.market_amount, row.differences) == (1, 30, 1, 30, [])
    market.bonus(frame, "0.07")

    (difference,) = compared(campaign).differences
    assert (difference["side"], difference["amount"]) == ("market", 7)


def test_an_offer_whose_payments_differ_stays_at_the_market_and_who_sees_to_money_is_told_once(market, mailoutbox):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    member(campaign.organization, "finance", email="fin@example.org")
    market.bonus(worked(market), "0.07")  # by hand, of which our books know nothing
    worked(market)

    for _ in range(2):
        assert len(compared(campaign).differences) == 1
        looked_at()

    campaign.refresh_from_db()
    offer = Publication.objects.get()
    assert (campaign.state, offer.state, offer.problem) == (
        "completed", "collected", "its payments differ from the market's list",
    )  # fmt: skip
    told = [mail.subject for mail in mailoutbox if mail.to == ["fin@example.org"] and "differ" in mail.subject]
    assert told == ["The payments at mturk differ from our books"]


def test_what_is_paid_while_the_lists_are_read_is_no_difference(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="b1")

    def meanwhile(request):
        answer = fine(request)
        if "ListBonusPayments" in str(request.headers["X-Amz-Target"]) and not hasattr(owed, "settlement"):
            market_money.remit(owed.pk)
            owed.refresh_from_db()
        return answer

    between(market.client(), iter(lambda: meanwhile, None))

    row = compared(campaign)
    assert Settlement.objects.filter(obligation=owed).exists()
    assert (row.differences, row.pending) == ([], 1)
    assert (compared(campaign).differences, compared(campaign).ours) == ([], 2)


def test_a_slot_made_for_who_is_owed_is_no_difference_between_the_lists(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    worker = market.worker()
    frame = accept(market, worker)
    frame.get()
    bonus(campaign, frame.claim().worker, amount=25, reference="c1")
    looked_at()
    (offer,) = Publication.objects.exclude(owed="")
    accept(market, worker, hit=Hit.objects.get(annotation=offer.key)).finish()
    looked_at()
    assert Settlement.objects.count() == 1

    row = compared(campaign)

    assert (row.ours, row.ours_amount, row.market, row.market_amount, row.differences) == (1, 25, 1, 25, [])


def test_a_refused_slot_for_who_is_owed_keeps_no_work_from_being_offered(market):
    campaign, _, owed = owed_a_bonus(market, items=2)

    refusing(market, "CreateHIT")
    looked_at()
    assert Publication.objects.get(owed=f"obligation:{owed.pk}").state == "refused"

    flow.change_terms(campaign, redundancy=2, price=campaign.price)
    looked_at()

    assert queries.shortfall(campaign) == 0


def test_what_a_market_paid_is_in_no_payout_and_stays_whatever_is_tried(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    settled = Settlement.objects.get()
    frame = accept(market)
    frame.get()
    owed = bonus(campaign, frame.claim().worker, amount=20, reference="b1")
    batch = PayoutBatch.objects.create(organization=campaign.organization, currency="USD", owed_until=clock.now())
    payout = Payout.objects.create(batch=batch, worker=owed.worker, amount=20, currency="USD")

    with pytest.raises(IntegrityError, match="a market paid obligation"), transaction.atomic():
        Obligation.objects.filter(pk=settled.pk).update(payout=payout)
    Obligation.objects.filter(pk=owed.pk).update(payout=payout)
    with pytest.raises(IntegrityError, match="can't have paid it"), transaction.atomic():
        Settlement.objects.create(obligation=owed, channel="mturk", fee=0, receipt="A1")
    for change in (lambda: Settlement.objects.update(fee=5), lambda: Settlement.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert Settlement.objects.get().fee == settled.fee
