from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0014_what_was_seen_stays_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="place",
            name="withheld",
            field=models.FloatField(
                editable=False,
                help_text="Share of questions asked without a suggestion when this was drawn; none where workers saw none.",
                null=True,
            ),
        ),
    ]
