"""What was planned may be given up before anything of it was sent."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0007_what_is_paid_besides_is_never_approved"),
    ]
    operations = [
        migrations.RemoveConstraint(model_name="intent", name="intent_sent_since"),
        migrations.AddConstraint(
            model_name="intent",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["planned", "dropped"]) | Q(sent_at__isnull=False), name="intent_sent_since"
            ),
        ),
    ]
