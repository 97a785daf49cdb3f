import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0013_files_of_banks_stay"),
        ("workforce", "0001_nouns"),
    ]
    operations = [
        migrations.CreateModel(
            name="Payee",
            fields=[
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="payee",
                        serialize=False,
                        to="workforce.worker",
                    ),
                ),
                ("sealed", models.TextField(help_text="JSON under the vault's key: id and name.")),
                ("until", models.DateField(help_text="The day on which it is deleted.")),
            ],
            options={
                "ordering": ("worker",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("sealed__gt", "")), name="payee_is_somebody"),
                ],
            },
        ),
    ]
