"""When money runs low at a market, or for it, those who can add to it are told: at the right time, and once."""

import pytest
from django.core import mail

from apps.campaigns.models import Campaign
from apps.ledger.models import Budget
from apps.members.models import Role
from apps.payments.models import BudgetAlert
from apps.pipeline import flow, preflight
from apps.pipeline.alerting import alert
from apps.pipeline.findings import NotReady
from tests import belt
from tests.channels.market import accept, launched, offered, worked
from tests.factories import member
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


def test_what_other_campaigns_are_still_to_cost_at_a_market_is_not_there_for_another(market):
    market.leave(1000)
    first, second = (offered(items=6, page_size=1, redundancy=1, price=100, budget=600) for _ in range(2))
    flow.launch(first)  # nothing of it is offered yet

    with pytest.raises(
        NotReady, match=r"costs 6\.00 USD .* other campaigns there may still cost 6\.00 USD.* 10\.00 USD"
    ):
        flow.launch(second)
    belt.run()
    with pytest.raises(NotReady, match=r"costs 6\.00 USD at the market, fees included, and it holds 4\.00 USD"):
        flow.launch(second)
    market.deposit(200)
    flow.launch(second)


def test_what_an_adaptive_campaign_may_ask_for_yet_is_kept_for_it(market):
    market.leave(1000)
    launched(items=2, page_size=1, redundancy=1, redundancy_max=4, target_confidence=0.9, price=100, budget=2000)
    other = offered(items=3, page_size=1, redundancy=1, price=100, budget=300)

    with pytest.raises(NotReady, match=r"may still cost 6\.00 USD, and it holds 8\.00 USD"):
        flow.launch(other)
    market.deposit(100)

    assert "the market holds 9.00 USD, of which other campaigns may still need 6.00 USD" in {
        found.sentence for found in preflight.check(other)
    }


def test_the_budget_of_hits_is_what_they_cost_and_no_alert_is_given():
    user = over_boto3.requester()
    over_boto3.turk(user).create_hit(**over_boto3.HIT)
    over_boto3.handed_in(over_boto3.worker_of(user))

    belt.run()

    assert alert(Campaign.objects.get(open_ended=True).pk) == []
    assert (marks(), mail.outbox) == ([], [])
