"""What a requester is told of a market before anything is offered on it."""

from io import StringIO

import boto3
import pytest
from django.core.management import call_command

from apps.members.models import Role
from apps.pipeline import flow, preflight
from apps.pipeline.findings import NotReady
from tests.channels.market import offered, session
from tests.console.house import client_of, page
from tests.factories import draft

pytestmark = pytest.mark.django_db


def told(campaign) -> tuple[str, str]:
    """Return what the command and the admin's page say before a launch."""
    said = StringIO()
    call_command("campaign", "check", campaign.name, stdout=said)
    shown = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "launch")).content.decode()
    return said.getvalue(), shown


def test_what_workers_get_and_what_the_market_takes_are_told_apart(market, settings):
    settings.MTURK_FEES = [20, 20, 5, 20, 1]
    market.reopen()
    campaign = offered(items=4, page_size=2, redundancy=2, price=10)

    command, shown = told(campaign)

    assert "8 places, at most 0.48 USD: 0.40 USD for workers, 0.08 USD for the market" in command
    assert "0.48 USD <small>0.40 USD for workers, 0.08 USD for the market</small>" in shown
    size = preflight.plan(campaign)
    assert (size.worst_cost, size.rewards, size.fees) == (48, 40, 8)


@pytest.mark.parametrize("named", ["", "https://mturk-requester-sandbox.us-east-1.amazonaws.com"])
def test_without_the_name_of_a_service_it_is_told_that_amazons_own_closed_and_what_to_set(market, monkeypatch, named):
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", named)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
    market.reopen()
    campaign = offered()

    command, shown = told(campaign)

    assert (
        "✗ no service is named that speaks MTurk's API, and Amazon's own closed on 2026-09-30: set AWS_END" in command
    )
    assert "Amazon&#x27;s own closed on 2026-09-30" in shown
    assert "can't be asked what money" not in command
    assert "the market is the one at" not in command
    with pytest.raises(NotReady, match="set AWS_ENDPOINT_URL_MTURK"):
        flow.launch(campaign)


def test_where_a_service_is_named_it_is_told_which(market):
    assert "· the market is the one at testserver" in told(offered())[0]


def test_where_nothing_is_taken_there_is_no_word_of_a_market():
    command, shown = told(draft(items=4, page_size=2, redundancy=2, price=10))

    assert "8 places, at most 0.40 USD\n" in command
    assert "for the market" not in shown
