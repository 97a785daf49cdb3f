"""A campaign ends when nothing is left of it, also when more comes in at the last moment."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.pipeline import steps
from apps.quality.models import Consensus
from tests.factories import ItemFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


def finish(campaign: Campaign) -> None:
    try:
        steps.finish(campaign.pk)
    finally:
        connection.close()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the first one only
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def finished_while(meanwhile: Callable[[Campaign], object]) -> Campaign:
    """Return a campaign with nothing left to do, after something was done to it during its final fit."""
    campaign = running(items=1, redundancy=1)
    page = handed_in(campaign)
    steps.settle(page.pk)
    steps.combine(campaign.pk)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Consensus.objects.select_for_update().get()  # the fit waits before it writes this
            ending = pool.submit(finish, campaign)
            while not somebody_waits_for_a_lock() and not ending.done():
                time.sleep(0.01)
            assert not ending.done()
            meanwhile(campaign)
        ending.result(timeout=10)
    campaign.refresh_from_db()
    return campaign


def test_an_item_that_comes_in_during_the_final_fit_keeps_the_campaign_open():
    campaign = finished_while(lambda campaign: ItemFactory(dataset=campaign.dataset))

    assert campaign.state == "running"


def test_a_campaign_that_is_paused_during_the_final_fit_stays_paused():
    campaign = finished_while(campaigns.pause)

    assert campaign.state == "paused"


def test_a_campaign_to_which_nothing_happened_during_the_final_fit_ends():
    campaign = finished_while(lambda campaign: None)

    assert campaign.state == "completed"
