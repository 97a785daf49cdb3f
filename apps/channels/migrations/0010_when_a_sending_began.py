"""When a sending last began: what may just be on the wire is not given up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0009_columns_that_the_version_before_does_not_know"),
    ]
    operations = [
        migrations.AddField(
            model_name="intent",
            name="begun_at",
            field=models.DateTimeField(blank=True, help_text="When a sending of it last began.", null=True),
        ),
    ]
