"""Who got nothing of a message, and why, is told as often as somebody asks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0011_why_a_worker_is_blocked"),
    ]
    operations = [
        migrations.AddField(
            model_name="intent",
            name="unreached",
            field=models.JSONField(
                blank=True, null=True, help_text="Of a message: whom it was not sent to, and why; null until it was."
            ),
        ),
    ]
