from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_purposes_grace_and_contests"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="open_ended",
            field=models.BooleanField(
                default=False, help_text="Each task brings its own money and end; without tasks it waits for more."
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="requirements",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Of workers' qualifications: [{name, comparator, values}], all of them.",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="review",
            field=models.CharField(
                choices=[
                    ("rule", "by rule: paid at once, unless known answers were missed"),
                    ("person", "by a person: paid when nobody has decided in time"),
                ],
                default="rule",
                max_length=8,
            ),
        ),
    ]
