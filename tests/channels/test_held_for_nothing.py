"""What a budget holds beyond its pages and offers is nobody's: it is found once a day, and given back."""

import random
from datetime import timedelta
from functools import partial

import pytest

from apps.channels import services as channels
from apps.channels.models import Publication
from apps.channels.services import holding
from apps.channels.services.claiming import NotOffered
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.members.models import Trail
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import held_money
from apps.work import services as work
from apps.work.errors import NoWork
from tests import belt
from tests.channels.market import accept
from tests.channels.market import launched as offered
from tests.factories import member
from tests.running import answered, deposit, handed_in, launched, running, work_through, worker_of
from tests.turkapi.over_boto3 import HIT, requester, turk
from tests.turkapi.test_last_places_at_once import at_once

pytestmark = pytest.mark.django_db


def leave(campaign, amount):
    """Leave money held for nothing in a campaign's budget, as versions of before left fees."""
    deposit(campaign, amount)
    ledger.fund(
        campaign.organization, owner=campaign.key, amount=amount, currency="USD", reference=f"left in {campaign.pk}"
    )
    ledger.hold(campaign.key, amount=amount)


def lines(campaign):
    found = Trail.objects.filter(organization=campaign.organization, subject=campaign.key, verb="let go")
    return [line.data["amount"] for line in found]


def funds(campaign):
    return books.balance(campaign.organization, kind="funds", currency="USD")


def test_of_a_campaign_that_ended_it_goes_to_the_funds_once_with_a_line():
    campaign = launched(items=2, page_size=2, redundancy=1, price=10, budget=100)
    work_through(campaign)
    belt.run()
    assert (Budget.objects.get().held, funds(campaign)) == (0, 90)
    leave(campaign, 7)

    assert [held_money.recount() for _ in range(2)] == [1, 0]

    budget = Budget.objects.get()
    assert (budget.held, budget.free, funds(campaign), lines(campaign)) == (0, 0, 97, [7])
    assert books.imbalances() == []


def test_of_a_campaign_under_way_it_is_free_again_and_what_pages_hold_stays():
    campaign = running(items=6, page_size=2, redundancy=1, price=10, budget=30)
    handed_in(campaign)
    work.lease(campaign, worker=worker_of(campaign))
    leave(campaign, 7)

    assert held_money.recount() == 1

    budget = Budget.objects.get()
    assert (budget.held, budget.free, lines(campaign)) == (20, 17, [7])


def test_an_offer_that_ends_lets_go_of_what_it_still_holds_once(market):
    campaign = offered(items=4, page_size=2, redundancy=1, price=10, budget=100)
    offer = Publication.objects.get()
    channels.withdraw(offer)
    Publication.objects.update(state="collected")
    assert (Publication.objects.get().held, Budget.objects.get(owner=campaign.key).held) == (20, 20)

    for _ in range(2):
        channels.close(offer)

    assert (Publication.objects.get().state, Publication.objects.get().held) == ("disposed", 0)
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert held_money.recount() == 0


def test_what_slots_pages_and_the_markets_fees_hold_is_counted(market, settings):
    settings.MTURK_FEES = [20, 20, 5, 20, 1]
    market.reopen()
    campaign = offered(items=6, page_size=2, redundancy=1, price=10, budget=1000)
    accept(market).get()
    held = Budget.objects.get(owner=campaign.key).held
    assert (held, held_money.recount()) == (36, 0)
    leave(campaign, 4)

    assert held_money.recount() == 1

    assert Budget.objects.get(owner=campaign.key).held == 36


def test_of_a_hit_type_it_goes_to_the_funds():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    budget = Budget.objects.get()
    ledger.fund(budget.organization, owner=budget.owner, amount=3, currency="USD", reference="left")
    ledger.hold(budget.owner, amount=3)
    before = mturk.get_account_balance()

    assert held_money.recount() == 1

    assert before["AvailableBalance"] == "99.77"
    assert mturk.get_account_balance() | {"ResponseMetadata": 0} == {
        "AvailableBalance": "99.80", "OnHoldBalance": "0.20", "ResponseMetadata": 0,
    }  # fmt: skip


def test_of_a_payment_that_was_made_the_fee_is_given_back_and_of_one_to_come_it_stays():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    deposit(campaign, 500)
    worker, fin = worker_of(campaign), member(campaign.organization)
    made, to_come = (
        payments.pay_bonus(worker, amount=50, currency="USD", reference=name, reason="Thorough", by=fin)
        for name in ("made", "to come")
    )
    for each in (made, to_come):
        payments.hold_fee(each, fee=10)
    payments.settle(made, channel="mturk", receipt="r", fee=10)
    owner = f"obligation:{made.pk}"
    ledger.fund(campaign.organization, owner=owner, amount=4, currency="USD", reference="left")
    ledger.hold(owner, amount=4)
    has = funds(campaign)

    assert held_money.recount() == 1

    assert funds(campaign) == has + 4
    assert dict(Budget.objects.filter(owner__startswith="obligation").values_list("owner", "held")) == {
        owner: 0, f"obligation:{to_come.pk}": 10,
    }  # fmt: skip
    assert Obligation.objects.count() == 2


def test_what_a_budget_lacks_is_told_and_left(caplog):
    campaign = running(items=6, page_size=2, redundancy=1, price=10)
    work.lease(campaign, worker=worker_of(campaign))
    work.lease(campaign, worker=worker_of(campaign))
    ledger.release(campaign.key, amount=3)

    assert held_money.recount() == 0

    assert "holds 3 minor units less than its pages" in caplog.text
    assert Budget.objects.get().held == 17


@pytest.mark.django_db(transaction=True)
def test_while_pages_come_and_go_nothing_of_theirs_is_given_back():
    campaign = running(items=60, page_size=3, redundancy=3, price=7)
    workers = [worker_of(campaign) for _ in range(8)]

    def come_and_go(worker):
        dice = random.Random(worker.external_id)
        for _ in range(12):
            try:
                page = work.lease(campaign, worker=worker)
            except NoWork:
                return
            if dice.random() < 0.5:
                work.give_back(page.pk, worker=worker)
            else:
                work.submit(page.pk, worker=worker, answers=answered(page))

    found = at_once(
        [
            *(partial(come_and_go, worker) for worker in workers),
            *[lambda: [held_money.recount() for _ in range(15)]] * 2,
        ]
    )

    assert found[-2:] == [[0] * 15] * 2
    held = sum(campaign.assignments.values_list("held", flat=True))
    assert Budget.objects.get().held == held > 0
    assert lines(campaign) == []


def test_the_slot_of_an_overdue_page_is_held_again_though_its_worker_gets_no_other(market, time_machine):
    offered(items=4, page_size=2, redundancy=1, price=10)
    frame = accept(market)
    frame.get()
    claim = frame.claim()
    Publication.objects.update(state="withdrawn", withdrawn_at=clock.now(), pending=0)
    time_machine.move_to(claim.page.expires_at + timedelta(seconds=1))

    with pytest.raises(NotOffered):
        channels.claim(claim.publication_id, assignment="ANOTHER", worker=claim.worker.external_id)

    claim.page.refresh_from_db()
    offer = Publication.objects.get()
    assert (claim.page.state, offer.held) == ("expired", holding.due(offer))
