from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0008_tasks_settled"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="fee",
            field=models.PositiveBigIntegerField(
                db_default=0,
                default=0,
                help_text="For a judgment, of a task asked for by itself: minor units to whom it is due.",
            ),
        ),
    ]
