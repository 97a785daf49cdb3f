"""How many judgments more a budget pays for at a market: with its fee, and with the offers already paid for."""

import pytest
from django.db import connection

from apps.channels import discovery
from apps.channels.models import Publication
from apps.channels.services import plan_offers
from apps.ledger.models import Budget
from apps.payments.models import BudgetAlert
from apps.pipeline import affording, alerting, flow, preflight
from tests.running import running

pytestmark = pytest.mark.django_db


def test_a_market_takes_its_fee_and_what_is_offered_is_paid_for(market, settings):
    settings.MTURK_FEES = [20, 0, 0, 0, 1]
    campaign = running(channel="mturk", items=10, redundancy=2, page_size=5, price=10, budget=120)
    assert affording.judgments_left(campaign) == 30  # ten slots of 12 cents, less the twenty that are asked

    plan_offers(campaign, channel=discovery.of("mturk"), address=str)

    assert Publication.objects.get().held == 48
    assert affording.judgments_left(campaign) == 30


def test_terms_that_a_markets_fee_makes_too_dear_are_refused(market, settings):
    settings.MTURK_FEES = [20, 0, 0, 0, 1]
    campaign = running(channel="mturk", items=10, redundancy=1, page_size=5, price=10, budget=40)

    with pytest.raises(preflight.NotReady, match=r"20 further places may cost 0\.48 USD, the budget has 0\.40 USD"):
        flow.change_terms(campaign, redundancy=2, price=10)


def test_offers_that_are_made_while_it_is_looked_tell_of_no_use_of_the_budget(market, settings):
    settings.MTURK_FEES = [20, 0, 0, 0, 1]
    campaign = running(channel="mturk", items=10, redundancy=2, page_size=5, price=10, budget=60)

    reads = []

    def just_before(execute, sql, *rest):
        """Make the offers just before the budget is read."""
        if "ledger_budget" in sql and not reads:
            reads.append(sql)
            plan_offers(campaign, channel=discovery.of("mturk"), address=str)
        return execute(sql, *rest)

    with connection.execute_wrapper(just_before):
        alerting.alert(campaign.pk)

    assert Budget.objects.get().held == 48  # which is 80 % of it, and nobody's yet
    assert not BudgetAlert.objects.exists()
