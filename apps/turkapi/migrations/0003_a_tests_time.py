from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("turkapi", "0002_listeners_moved"),
    ]

    operations = [
        migrations.AlterField(
            model_name="qualificationrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("started", "at the test"),
                    ("pending", "pending"),
                    ("granted", "granted"),
                    ("rejected", "rejected"),
                ],
                default="pending",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationrequest",
            constraint=models.UniqueConstraint(
                fields=["type", "worker"], condition=Q(state="started"), name="qualification_test_started_once"
            ),
        ),
    ]
