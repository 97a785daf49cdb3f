"""The overview asks for what long campaigns would take long to read: all who open it share one reading of it."""

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.members.models import Role
from apps.quality import services as quality
from tests.console.house import client_of
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db
LARGE = {"work_task", "work_judgment", "work_seat", "quality_consensus"}  # tables that grow with a campaign


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def test_who_opens_the_overview_again_reads_no_tasks_and_no_labels():
    campaign = running(items=4, redundancy=1, page_size=2)
    handed_in(campaign)
    quality.combine(campaign)
    first, second = (client_of(campaign.organization, Role.REQUESTER) for _ in range(2))

    with time_machine.travel(clock.now(), tick=False):
        assert "2 / 4" in first.get("/admin/").content.decode()
        with CaptureQueriesContext(connection) as queries:
            again = second.get("/admin/").content.decode()

    assert "2 / 4" in again
    read = [query["sql"].split(' FROM "')[1].split('"')[0] for query in queries if ' FROM "' in query["sql"]]
    assert not set(read) & LARGE


def test_who_sees_other_organizations_is_told_of_their_labels_alone():
    campaign, other = running(items=4, redundancy=1, page_size=2), running(items=4, redundancy=1, page_size=1)
    for one in (campaign, other):
        handed_in(one)
        quality.combine(one)

    told = [
        next(card.value for card in client_of(one.organization, Role.REQUESTER).get("/admin/").context["board"].cards
             if card.title == "Labels today")
        for one in (campaign, other)
    ]  # fmt: skip

    assert told == ["2", "1"]
