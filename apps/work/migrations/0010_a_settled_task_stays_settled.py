"""A report that comes after a person gave a task's label is kept, and does not take the task out of being settled."""

from django.db import migrations

RECOUNT = """
CREATE OR REPLACE FUNCTION work_recount(tasks bigint[], broken_after integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM work_task WHERE id = ANY(tasks) ORDER BY id FOR NO KEY UPDATE;
    UPDATE work_task t SET
        taken = CASE WHEN t.gold THEN 0 ELSE found.live END,
        judged = CASE WHEN t.gold THEN 0 ELSE found.answered END,
        state = CASE WHEN found.broken >= broken_after{settled} THEN 'broken' ELSE t.state END
    FROM (
        SELECT task_id,
               count(*) FILTER (WHERE state IN ('open', 'answered')) AS live,
               count(*) FILTER (WHERE state = 'answered') AS answered,
               count(*) FILTER (WHERE state = 'broken') AS broken
        FROM work_place WHERE task_id = ANY(tasks) GROUP BY task_id
    ) found
    WHERE t.id = found.task_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0009_what_a_task_costs_besides")]
    operations = [
        migrations.RunSQL(RECOUNT.replace("{settled}", " AND t.state <> 'settled'"), RECOUNT.replace("{settled}", ""))
    ]
