"""A dataset that is being removed is marked: its rows go some at a time, and nobody uses it meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0004_discarded_media")]
    operations = [
        migrations.AddField(
            "dataset",
            "leaving_at",
            models.DateTimeField(
                blank=True, editable=False, help_text="Since when it is being removed, and of no use.", null=True
            ),
        ),
    ]
