from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0009_markets")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the question, the guidelines and the items, as a tag.",
                max_length=35,
            ),
        ),
    ]
