"""Whether a late page may come is asked under locks: it reads no other campaign's pages, and none from before."""

from datetime import timedelta

import pytest

from apps.work import services as work
from apps.work.services import late
from tests.factories import WorkerFactory
from tests.running import running, worker_of
from tests.work.many_pages import reading, write_pages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("went_on", [False, True])
def test_a_late_page_reads_few_of_very_many_pages(went_on):
    campaign, busy = running(items=3, page_size=1), running(items=3, page_size=1)
    worker, other = worker_of(campaign), WorkerFactory(organization=campaign.organization)
    page = work.lease(campaign, worker=worker)
    write_pages(campaign, other, at=page.leased_at - timedelta(days=1), count=10_000)
    write_pages(busy, other, at=page.expires_at + timedelta(days=1), count=20_000)
    if went_on:
        write_pages(campaign, other, at=page.expires_at + timedelta(days=1), count=100)

    with reading() as read:
        assert late._went_on(page) == went_on

    assert sum(read) < 50
