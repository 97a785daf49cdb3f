"""What a lease reads does not grow with what others did."""

import pytest
from django.db import connection

from apps.work import services as work
from apps.work.models import Place, Task
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db
MANY = 20_000

OTHERS = """
WITH items AS (
    INSERT INTO datasets_item (dataset_id, external_id, data)
    SELECT %(dataset)s, 'another ' || n, '{}' FROM generate_series(1, %(count)s) n RETURNING id
), tasks AS (
    INSERT INTO work_task (campaign_id, item_id, shuffle, gold, reserved, state, wanted, taken, judged)
    SELECT %(campaign)s, id, id, false, false, 'open', 3, 1, 1 FROM items RETURNING id
)
INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note)
SELECT %(page)s, id, %(worker)s, 9 + row_number() OVER (), gen_random_uuid(), 'answered', '' FROM tasks
"""


def test_a_lease_reads_no_whole_table_though_one_worker_gave_most_answers():
    campaign = running(items=3, page_size=1)
    worker, diligent = worker_of(campaign), worker_of(campaign)
    page = work.lease(campaign, worker=diligent)
    told = {"dataset": campaign.dataset_id, "campaign": campaign.pk, "page": page.pk, "worker": diligent.pk}
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, told | {"count": MANY})
        cursor.execute("ANALYZE work_task, work_place")

    before = read_in_whole()
    work.lease(campaign, worker=worker)

    assert Place.objects.count() > MANY
    assert read_in_whole() == before


def read_in_whole():
    """Return how many rows this transaction has read of tasks and places by going through all of them."""
    tables = [Task._meta.db_table, Place._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)", [tables])
        return cursor.fetchone()[0]
