from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0003_a_page_ahead_waits_for_its_clock"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="closes_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Handed out no more from then on; empty means as long as its campaign runs.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("closes_at__isnull", False), ("taken__lt", models.F("wanted"))),
                fields=["closes_at"],
                name="task_closing",
            ),
        ),
    ]
