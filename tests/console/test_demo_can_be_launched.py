"""What the demo shows passes the checks that everybody's campaigns pass."""

import pytest

from apps.campaigns.models import Campaign
from apps.console.demo import loading
from apps.ledger import queries as ledger
from apps.ledger.models import Account

pytestmark = pytest.mark.django_db


def test_every_campaign_of_the_demo_is_launched(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "OUT", tmp_path)

    organization, _log_ins = loading.load()

    assert set(Campaign.objects.values_list("state", flat=True)) == {"launching"}
    assert Campaign.objects.count() == len((*loading.PARTS, loading.YOUR_TURN))
    left = ledger.balance(organization, kind=Account.Kind.FUNDS, currency="USD")
    assert left == loading.TO_TRY  # a newcomer launches one of their own from it
