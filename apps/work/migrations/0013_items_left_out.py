from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0012_outdated_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="split",
            name="left_out",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Items without a suggestion, where workers see one at every question.",
            ),
        ),
    ]
