import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0012_the_banks_day_stays"),
    ]
    operations = [
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("format", models.CharField(max_length=40)),
                (
                    "sealed",
                    models.TextField(help_text="The file under the vault's key: it says where workers are paid."),
                ),
                ("sha256", models.CharField(help_text="Of the file.", max_length=64)),
                ("made_at", models.DateTimeField(default=apps.core.clock.now, editable=False)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="payments.payoutbatch"
                    ),
                ),
            ],
            options={
                "ordering": ("batch", "format"),
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "format"), name="bank_file_once_a_format"),
                ],
            },
        ),
    ]
