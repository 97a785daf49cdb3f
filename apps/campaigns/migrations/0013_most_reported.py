"""From which share of reported places on a person looks at a worker's reports."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0012_contests_of_the_erased")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="most_reported",
            field=models.FloatField(
                db_default=0.2,
                default=0.2,
                help_text=(
                    "A page with reports is put before a person when a worker reported more than this share of places."
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(most_reported__gte=0, most_reported__lte=1), name="campaign_most_reported"
            ),
        ),
    ]
