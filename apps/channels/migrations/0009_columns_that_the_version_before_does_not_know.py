"""New columns are filled by the database where a process of the version before writes, which does not know them."""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Now

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0008_dropped_before_it_was_sent"),
    ]
    operations = [
        migrations.AlterField(
            model_name="claim",
            name="besides",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The market won't approve it, and a person had it paid by a bonus or an own slot.",
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="environment",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The market's host that is told; empty of one older than that was kept.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="environment",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The market's host where it was made; empty of one made before that was kept.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="reconciliation",
            name="due_at",
            field=models.DateTimeField(
                db_default=Now(),
                default=apps.core.clock.now,
                editable=False,
                help_text="When it is gone on with.",
            ),
        ),
        migrations.AddField(
            model_name="reconciliation",
            name="on_their_way",
            field=models.JSONField(
                db_default=Value([], models.JSONField()),
                default=list,
                help_text="What was on its way, and since when.",
            ),
        ),
    ]
