"""Counting a task's places again, under its lock: the counters are a copy, the places are the truth."""

from collections.abc import Iterable

from django.db import connection

LIVE = ("open", "answered")


def recount(tasks: Iterable[int], *, broken_after: int) -> None:
    """Lock these tasks, in an order that all callers share, and set their counters to what their places say."""
    ids = sorted(set(tasks))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM work_task WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
        # A statement of its own: it sees what was committed while this one waited for the locks.
        cursor.execute(
            """
            UPDATE work_task t SET
                taken = CASE WHEN t.gold THEN 0 ELSE found.live END,
                judged = CASE WHEN t.gold THEN 0 ELSE found.answered END,
                state = CASE WHEN found.broken >= %s THEN 'broken' ELSE t.state END
            FROM (
                SELECT task_id,
                       count(*) FILTER (WHERE state IN ('open', 'answered')) AS live,
                       count(*) FILTER (WHERE state = 'answered') AS answered,
                       count(*) FILTER (WHERE state = 'broken') AS broken
                FROM work_place WHERE task_id = ANY(%s) GROUP BY task_id
            ) found
            WHERE t.id = found.task_id
            """,
            [broken_after, ids],
        )
