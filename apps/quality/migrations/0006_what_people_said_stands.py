import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0007_another_method"),
        ("work", "0005_reports_looked_into"),
        ("quality", "0005_judgments_known_when_asking"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adjudication",
            fields=[
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="adjudication",
                        serialize=False,
                        to="work.task",
                    ),
                ),
                ("answer", models.JSONField()),
                ("note", models.TextField(blank=True, help_text="Why, for those who read the label later.")),
                ("at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjudications",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={"ordering": ("task",)},
        ),
        migrations.RemoveConstraint(model_name="consensus", name="consensus_has_votes"),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.CheckConstraint(
                condition=models.Q(("votes__gte", 1), ("method", "adjudicated"), _connector="OR"),
                name="consensus_has_votes",
            ),
        ),
    ]
