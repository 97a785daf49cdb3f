"""So many pages, written by the database itself, and how many rows a statement reads in vain among them."""

import json
from contextlib import contextmanager

from django.db import connection

PAGES = """
INSERT INTO work_assignment (id, organization_id, campaign_id, worker_id, state, slot, guidelines, price, page_size,
    currency, whole, places_count, held, pay, leased_at, expires_at, submitted_at, submit_digest, decided_at)
SELECT gen_random_uuid(), %(organization)s, %(campaign)s, %(worker)s, 'approved', 1, 1, 2, 1, 'USD', false, 1, 0, 2,
       %(at)s, %(at)s, %(at)s, '', %(at)s
FROM generate_series(1, %(count)s)
"""


def write_pages(campaign, worker, *, at, count):
    """Write so many approved pages without places, all leased at a time."""
    with connection.cursor() as cursor:
        told = {"organization": campaign.organization_id, "campaign": campaign.pk, "worker": worker.pk}
        cursor.execute(PAGES, told | {"at": at, "count": count})
        cursor.execute("ANALYZE work_assignment")


@contextmanager
def reading():
    """Collect of each SELECT how many rows it read of tables, those that it left out included."""
    read = []

    def explained(execute, sql, params, many, context):
        if sql.lstrip().startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0]
                read.append(_rows((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield read


def _rows(plan):
    own = 0
    if "Relation Name" in plan:
        left_out = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        own = (plan["Actual Rows"] + left_out) * plan["Actual Loops"]
    return own + sum(_rows(each) for each in plan.get("Plans", ()))
