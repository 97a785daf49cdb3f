"""Percent agreement and AC1 get their intervals, so that every page tells the same coefficients of a campaign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quality", "0009_the_confidence_that_is_shown")]

    operations = [
        *(
            migrations.AddField(
                model_name="combination", name=name, field=models.FloatField(blank=True, null=True, help_text=told)
            )
            for name, told in (
                ("percent_low", ""),
                ("percent_high", ""),
                ("gwet", "Gwet's AC1."),
                ("gwet_low", ""),
                ("gwet_high", ""),
            )
        ),
        migrations.AddField(
            model_name="combination",
            name="shares_error",
            field=models.BooleanField(
                blank=True, null=True, help_text="Whether most are wrong on gold too often; nothing where no gold tells."
            ),
        ),
    ]
