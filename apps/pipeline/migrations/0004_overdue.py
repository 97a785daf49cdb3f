from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_operations")]

    operations = [
        migrations.CreateModel(
            name="Overdue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=64)),
                ("key", models.CharField(help_text="the id of the row that the step brings forward", max_length=64)),
                ("since", models.DateTimeField(help_text="when the sweep found it first")),
            ],
            options={
                "verbose_name_plural": "overdue",
                "ordering": ["since"],
                "constraints": [
                    models.UniqueConstraint(fields=("step", "key"), name="overdue_once_a_step_and_row"),
                ],
            },
        ),
    ]
