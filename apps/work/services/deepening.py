"""Having tasks judged more often than was asked at first."""

from collections.abc import Mapping

from django.db import connection, transaction

from apps.campaigns.models import Campaign

TASKS_AT_ONCE = 1000  # whose locks are held together: leases pass them by, hand-ins wait


def deepen(campaign: Campaign, *, wanted: Mapping[int, int]) -> int:
    """Raise the judgments that tasks want to these numbers, by id; return how many judgments more that is.

    A number only ever grows, and never past what the campaign allows: run twice, or beside another, it grows once.
    Gold, tasks out of the work and tasks kept for named workers stay as they are.
    """
    rows = sorted(wanted.items())
    starts = range(0, len(rows), TASKS_AT_ONCE)
    return sum(_grow(campaign, dict(rows[start : start + TASKS_AT_ONCE])) for start in starts)


@transaction.atomic
def _grow(campaign: Campaign, wanted: Mapping[int, int]) -> int:
    with connection.cursor() as cursor:
        # In the order in which all take them; counters are read again under the locks.
        cursor.execute("SELECT 1 FROM work_task WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(wanted)])
        cursor.execute(
            """
            WITH given AS (
                SELECT t.id, t.wanted AS before, least(given.wanted, %(most)s) AS wanted
                FROM unnest(%(tasks)s::bigint[], %(wanted)s::int[]) AS given (id, wanted)
                JOIN work_task t ON t.id = given.id
                WHERE t.campaign_id = %(campaign)s AND NOT t.gold AND NOT t.reserved AND t.state = 'open'
                  AND t.closes_at IS NULL AND t.wanted < least(given.wanted, %(most)s)
            ), grown AS (
                UPDATE work_task t SET wanted = given.wanted FROM given WHERE t.id = given.id
                RETURNING given.wanted - given.before AS more
            )
            SELECT coalesce(sum(more), 0) FROM grown
            """,
            {
                "tasks": list(wanted),
                "wanted": list(wanted.values()),
                "campaign": campaign.pk,
                "most": campaign.most_judgments,
            },
        )
        return int(cursor.fetchone()[0])
