"""When money runs low at a market, or for it, those who can add to it are told: at the right time, and once."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.campaigns.models import Campaign, PayPolicy
from apps.channels.models import Publication, Purse
from apps.core import clock
from apps.ledger.models import Budget
from apps.members.models import Role
from apps.payments import services as payments
from apps.payments.models import BudgetAlert, Settlement
from apps.pipeline import fair_pay, flow, market_purses, preflight, promises
from apps.pipeline.alerting import alert
from apps.pipeline.findings import NotReady
from apps.work.models import Assignment, Judgment
from tests import belt
from tests.channels.market import accept, launched, looked_at, mails_go_out, offered, worked
from tests.console.house import client_of
from tests.factories import DatasetFactory, member
from tests.running import deposit
from tests.turkapi import over_boto3

pytestmark = pytest.mark.django_db


def marks() -> list[tuple[int, int]]:
    return sorted(BudgetAlert.objects.values_list("percent", "used"))


def test_slots_that_a_market_offers_and_nobody_has_are_no_use_of_the_budget(market, settings):
    settings.MTURK_FEES = [20, 0, 0, 0, 1]
    market.reopen()
    campaign = launched(items=8, page_size=2, redundancy=1, price=10, budget=48)
    assert Budget.objects.get(owner=campaign.key).held == 48
    assert marks() == []

    worked(market)
    accept(market).get()
    belt.run()

    assert Budget.objects.get(owner=campaign.key).spent == 12
    assert marks() == [(50, 24)]  # one is paid, and one in hand: its reward and its fee


def test_all_of_a_budget_is_told_when_somebody_has_the_last_slot(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, budget=20)
    member(campaign.organization, Role.REQUESTER)
    worked(market)

    accept(market).get()
    belt.run()

    assert marks() == [(50, 10), (80, 20), (100, 20)]
    assert mail.outbox[-1].subject == f"{campaign.name} has used 100 % of its budget"


def two(*, of_one: bool, **values):
    """Return two campaigns of six slots of a dollar each, of one organization or of two."""
    first = offered(items=6, page_size=1, redundancy=1, price=100, budget=600, **values)
    more = {"dataset": DatasetFactory(organization=first.organization)} if of_one else {}
    return first, offered(items=6, page_size=1, redundancy=1, price=100, budget=600, **more, **values)


def test_what_other_campaigns_of_ones_own_are_still_to_cost_at_a_market_is_not_there_for_another(market):
    market.leave(1000)
    first, second = two(of_one=True)
    flow.launch(first)  # nothing of it is offered yet

    said = r"costs 6\.00 USD .* other campaigns of yours there may still cost 6\.00 USD, and it holds 10\.00 USD: add"
    with pytest.raises(NotReady, match=said):
        flow.launch(second)
    belt.run()
    with pytest.raises(NotReady, match=r"costs 6\.00 USD at the market, fees included, and it holds 4\.00 USD"):
        flow.launch(second)
    market.deposit(200)
    flow.launch(second)


def test_of_what_another_organization_is_still_to_cost_there_only_what_it_leaves_is_told_and_that_where_it_lacks(
    market,
):
    market.leave(1000)
    first, second = two(of_one=False)
    flow.launch(first)

    with pytest.raises(NotReady) as error:
        flow.launch(second)
    assert str(error.value) == (
        "the whole campaign costs 6.00 USD at the market, fees included, and it holds 4.00 USD beside what others at "
        "this endpoint may still need: add to it first"
    )
    market.leave(500)
    with pytest.raises(NotReady, match=r"it holds 0\.00 USD beside what others"):  # and how much they lack is not told
        flow.launch(second)
    market.deposit(5000)

    (said,) = [found.sentence for found in preflight.check(second) if found.about == "funds"]
    assert said == (
        "the whole campaign costs 6.00 USD at the market, fees included: it holds enough for that, beside what others "
        "there may"
    )
    flow.launch(second)


def test_the_first_page_tells_what_open_offers_of_ones_own_may_cost(market):
    first, second = two(of_one=False)
    flow.launch(first)
    belt.run()
    launched(items=2, page_size=1, redundancy=1, price=10, dataset=DatasetFactory(organization=second.organization))
    market_purses.look_into_purses()

    shown = client_of(second.organization, Role.FINANCE).get("/admin/").content.decode()

    assert "open offers may still cost 0.20 USD" in shown


@pytest.mark.parametrize(("taken", "cents"), [([0, 0, 0, 0, 0], 600), ([0, 0, 0, 20, 0], 720)])
def test_bonuses_up_to_the_promised_wage_are_reckoned_with(market, settings, taken, cents):
    settings.MTURK_FEES = taken
    market.reopen()
    campaign = offered(items=6, page_size=1, redundancy=1, price=100, budget=600, seconds_tried=60)
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=6000)  # 1.00 USD a minute
    market.leave(600 + cents - 1)

    # Three of the six may take three minutes, which are paid: two more than the price pays for.
    said = rf"costs 6\.00 USD .*, and up to {cents / 100:.2f} USD in bonuses, so that everybody gets 60\.00 USD an hour"
    with pytest.raises(NotReady, match=said + rf", and it holds {(600 + cents - 1) / 100:.2f} USD: add"):
        flow.launch(campaign)
    market.deposit(1)
    assert "in bonuses, so that" in " ".join(found.sentence for found in preflight.check(campaign))
    flow.launch(campaign)


def test_without_a_promised_wage_there_is_no_word_of_bonuses(market):
    market.leave(600)
    campaign = offered(items=6, page_size=1, redundancy=1, price=100, budget=600, seconds_tried=60)

    assert "bonus" not in " ".join(found.sentence for found in preflight.check(campaign))
    flow.launch(campaign)


def test_bonuses_that_were_given_up_to_the_wage_are_not_to_come_any_more(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, seconds_tried=3)
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=6000)
    worked(market)
    Judgment.objects.update(seconds=3)
    Assignment.objects.filter(campaign=campaign).update(active_seconds=18)
    assert promises.bonuses(campaign, places=4) == 20
    deposit(campaign, 100)

    assert [cents for _, cents in fair_pay.top_up(campaign, by=member(campaign.organization))] == [20]

    assert promises.bonuses(campaign, places=4) == 0


def test_what_an_adaptive_campaign_may_ask_for_yet_is_kept_for_it(market):
    market.leave(1000)
    first = launched(
        items=2, page_size=1, redundancy=1, redundancy_max=4, target_confidence=0.9, price=100, budget=2000
    )
    own = DatasetFactory(organization=first.organization)
    other = offered(items=3, page_size=1, redundancy=1, price=100, budget=300, dataset=own)

    with pytest.raises(NotReady, match=r"may still cost 6\.00 USD, and it holds 8\.00 USD"):
        flow.launch(other)
    market.deposit(100)

    assert "the market holds 9.00 USD, of which other campaigns of yours may still need 6.00 USD" in {
        found.sentence for found in preflight.check(other)
    }


def test_an_offer_that_waits_for_money_is_told_though_much_is_there_and_again_the_next_day(market, time_machine):
    campaign = offered(items=9, page_size=1, redundancy=1, price=1000, budget=9000)
    member(campaign.organization, Role.FINANCE, email="fin@example.org")
    flow.launch(campaign)
    market.leave(5000)  # of the 90.00 that the offer costs
    belt.run()

    assert [market_purses.look_into_purses() for _ in range(2)] == [1, 1]
    mails_go_out()
    assert [sent.to for sent in mail.outbox] == [["fin@example.org"]]
    assert "holds 50.00 USD for us" in mail.outbox[0].body
    time_machine.move_to(clock.now() + timedelta(hours=25))
    looked_at()
    market_purses.look_into_purses()
    mails_go_out()
    assert len(mail.outbox) == 2

    market.deposit(4000)
    looked_at()
    market.deposit(1000)
    assert market_purses.look_into_purses() == 0


def test_who_is_told_that_it_is_low_reads_what_their_own_offers_need_and_of_a_shared_account_no_more(market, settings):
    settings.MTURK_LOW_BALANCE = 100_000
    first, second = two(of_one=False)
    member(first.organization, Role.FINANCE, email="first@example.org")
    flow.launch(first)
    belt.run()
    market_purses.look_into_purses()
    mails_go_out()
    assert (
        "holds 994.00 USD for us. Your open offers there may still cost 6.00 USD. What it does not cover waits"
        in mail.outbox[0].body
    )

    member(second.organization, Role.FINANCE, email="second@example.org")
    flow.launch(second)
    belt.run()
    Purse.objects.update(told_at=None)
    market_purses.look_into_purses()
    mails_go_out()

    told = {sent.to[0]: sent.body for sent in mail.outbox[1:]}
    assert set(told) == {"first@example.org", "second@example.org"}
    for body in told.values():  # what the others' offers may cost could be told by what it holds
        assert "holds little for all who offer there. Your open offers there may still cost 6.00 USD." in body
        assert "988.00" not in body


def test_a_bonus_that_waits_for_money_is_told_when_no_offer_is_open_any_more(market, settings):
    settings.MTURK_LOW_BALANCE = 0
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    member(campaign.organization, Role.FINANCE, email="fin@example.org")
    worker = worked(market).claim().worker
    looked_at()
    assert not Publication.objects.filter(state__in=Publication.OPEN).exists()
    assert market_purses.look_into_purses() == 0
    market.leave(20)
    deposit(campaign, 500)
    payments.pay_bonus(
        worker, amount=50, currency="USD", reference="b1", reason="Thorough", by=member(campaign.organization)
    )
    belt.run()

    assert market_purses.look_into_purses() == 1
    mails_go_out()
    assert [sent.to for sent in mail.outbox] == [["fin@example.org"]]

    market.deposit(500)
    looked_at()
    assert market_purses.look_into_purses() == 0
    assert Settlement.objects.filter(obligation__kind="bonus").exists()


def test_the_budget_of_hits_is_what_they_cost_and_no_alert_is_given():
    user = over_boto3.requester()
    over_boto3.turk(user).create_hit(**over_boto3.HIT)
    over_boto3.handed_in(over_boto3.worker_of(user))

    belt.run()

    assert alert(Campaign.objects.get(open_ended=True).pk) == []
    assert (marks(), mail.outbox) == ([], [])
