"""Whether a worker reports too much is asked with each report: it costs by their reports, not by all they did."""

from datetime import timedelta

import pytest

from apps.quality.queries import too_many_reports
from tests.running import reported, running, worker_of
from tests.work.many_pages import reading, write_pages

pytestmark = pytest.mark.django_db
REPORTS = 18


@pytest.mark.parametrize(("share", "said"), [
    (0.8, ""), (0.2, "reported 18 of 20 questions as broken; the campaign expects at most 20%"),
    (0.0, "reported 18 questions as broken; the campaign expects at most 0%"),
])  # fmt: skip
def test_of_a_worker_with_very_many_pages_few_are_read(share, said):
    campaign, other = running(items=20, page_size=20, redundancy=1, most_reported=share), running(items=1)
    worker = worker_of(campaign)
    page = reported(campaign, worker, of=REPORTS)
    for days, of in enumerate((campaign, other), 1):
        write_pages(of, worker, at=page.leased_at - timedelta(days=days), count=10_000)

    with reading() as read:
        found = too_many_reports([page], campaign=campaign)

    assert found.get(page.pk, "").startswith(said)
    assert bool(found) == bool(said)
    assert sum(read) < 500
