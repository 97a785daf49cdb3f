"""What the demo shows passes the checks that everybody's campaigns pass."""

import pytest

from apps.campaigns.models import Campaign
from apps.console.demo import loading

pytestmark = pytest.mark.django_db


def test_every_campaign_of_the_demo_is_launched(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "OUT", tmp_path)

    loading.load()

    assert set(Campaign.objects.values_list("state", flat=True)) == {"launching"}
    assert Campaign.objects.count() == len((*loading.PARTS, loading.YOUR_TURN))
