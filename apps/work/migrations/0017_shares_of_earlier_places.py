"""What was handed out so far was drawn by the share that its campaign still has: it could not be changed."""

from django.db import migrations

FILL = """
UPDATE work_place p SET withheld = c.suggestion_withheld
FROM work_task t JOIN campaigns_campaign c ON c.id = t.campaign_id
WHERE t.id = p.task_id AND c.suggested_to = 'workers' AND p.withheld IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0016_a_question_keeps_its_share"), ("campaigns", "0011_suggestions_of_a_model")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
