from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0004_audits_and_versions"),
    ]

    operations = [
        migrations.RenameField(model_name="combination", old_name="asked_up_to", new_name="judgments_asked"),
        migrations.AlterField(
            model_name="combination",
            name="judgments_asked",
            field=models.BigIntegerField(
                default=0, help_text="How many were known when it was last decided which tasks are judged again."
            ),
        ),
    ]
