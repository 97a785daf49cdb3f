"""Having items asked anew, once their guidelines are better."""

from typing import Any

from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.work.services.counting import recount

TASKS_AT_ONCE = 1000

# Gold is known, and tasks that a person settled or that are out of the work stay as they are. Answers on pages that are
# still judged count till then: what they earn is read from them.
_OLD = """
    SELECT j.id, j.place_id, j.task_id
    FROM work_judgment j
    JOIN work_task t ON t.id = j.task_id
    JOIN work_place p ON p.id = j.place_id
    JOIN work_assignment a ON a.id = p.assignment_id
    WHERE j.campaign_id = %(campaign)s AND j.counted AND j.guidelines < %(guidelines)s
      AND NOT t.gold AND NOT t.reserved AND t.state = 'open' AND t.closes_at IS NULL
      AND p.state = 'answered' AND a.state = 'approved'
"""


@transaction.atomic
def ask_anew(campaign: Campaign, *, guidelines: int) -> int:
    """Have answers by guidelines before these count no longer, and others asked for them; return how many those are.

    They stay, and stay paid; who gave one is not asked about its item again. Run twice, it does it once.
    """
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"campaign": campaign.pk, "guidelines": guidelines}
        cursor.execute(f"SELECT DISTINCT task_id FROM ({_OLD}) old ORDER BY task_id", values)  # noqa: S608 - a constant
        tasks = [task for (task,) in cursor.fetchall()]
        done = 0
        for start in range(0, len(tasks), TASKS_AT_ONCE):
            some = tasks[start : start + TASKS_AT_ONCE]
            cursor.execute("SELECT 1 FROM work_task WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [some])
            cursor.execute(
                f"""
                WITH old AS ({_OLD} AND j.task_id = ANY(%(tasks)s)), placed AS (
                    UPDATE work_place SET state = 'outdated' FROM old WHERE work_place.id = old.place_id
                )
                UPDATE work_judgment SET counted = false FROM old WHERE work_judgment.id = old.id
                """,  # noqa: S608 - a constant
                {**values, "tasks": some},
            )
            done += cursor.rowcount
            recount(some, broken_after=campaign.broken_after)
    return done
