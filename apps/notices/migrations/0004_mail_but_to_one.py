"""Who asked for something is not told that it waits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("notices", "0003_mail_that_is_sent_later"),
    ]
    operations = [
        migrations.AddField(
            model_name="mail",
            name="but",
            field=models.ForeignKey(
                blank=True,
                help_text="Who is not told, for they know.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
