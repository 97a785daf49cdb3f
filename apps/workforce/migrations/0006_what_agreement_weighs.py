"""What stands behind agreement is kept, so that who is stopped is judged by as much as is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0005_pseudonyms")]

    operations = [
        migrations.AddField(
            model_name="skill",
            name="weight",
            field=models.FloatField(
                default=0, db_default=0, help_text="What these weigh: an answer beside few others tells little."
            ),
        ),
    ]
