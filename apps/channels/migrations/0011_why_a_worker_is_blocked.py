"""A block is told to its market again until that has it, so why is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0010_when_a_sending_began"),
    ]
    operations = [
        migrations.AddField(
            model_name="grant",
            name="reason",
            field=models.TextField(blank=True, db_default="", default="", help_text="Of a block; the worker reads it."),
        ),
    ]
