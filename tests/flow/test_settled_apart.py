"""A page that kills the process which settles it is found out: the campaign's other pages don't wait for it."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.core import clock
from apps.pipeline import actors, steps
from apps.pipeline.models import Delivery
from apps.pipeline.motor import Next
from apps.work.models import Assignment
from labelcrowd import broker
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue(settings):
    """The queue in the test's database."""
    settings.BROKER_URL = "postgres"
    broker.close()
    yield
    broker.close()


def waiting() -> list[tuple[str, str]]:
    """Return the messages that wait, each one's step and row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT message->>'actor_name', message->'args'->>0 FROM dramatiq.queue WHERE state = 'queued'")
        return sorted(cursor.fetchall())


def test_where_a_process_died_amid_many_pages_each_goes_by_itself_from_then_on(queue):
    campaign = running(items=20)
    pages = [handed_in(campaign) for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dramatiq.queue")
    died = Delivery.objects.create(step="settle_all", key=str(campaign.pk), count=4, begun_at=clock.now())

    actors.MOTOR.deliver(Next("settle_all", campaign.pk))

    assert waiting() == sorted(("settle", str(page.pk)) for page in pages)
    assert not Delivery.objects.filter(pk=died.pk).exists()  # nothing is held back, and never parked


def test_a_page_that_goes_its_own_way_is_left_alone_by_those_settled_together():
    campaign = running(items=20)
    deadly, *others = [handed_in(campaign) for _ in range(3)]
    Delivery.objects.create(
        step="settle", key=str(deadly.pk), count=2, due_at=clock.now() + timedelta(minutes=1), reason="its process died"
    )

    steps.settle_all(campaign.pk)

    deadly.refresh_from_db()
    assert deadly.state == "submitted"
    assert set(Assignment.objects.filter(pk__in=[page.pk for page in others]).values_list("state", flat=True)) == {
        "approved"
    }
