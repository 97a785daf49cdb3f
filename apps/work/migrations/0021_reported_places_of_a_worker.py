from django.db import migrations, models

from labelcrowd.indices import MakeIndexConcurrently


class Migration(migrations.Migration):
    """How much a worker reported as broken was counted among all that they were ever asked."""

    atomic = False  # so that pages are leased meanwhile

    dependencies = [("work", "0020_pages_by_when_they_were_leased")]

    operations = [
        MakeIndexConcurrently(
            model_name="place",
            index=models.Index(
                fields=["worker"], name="place_reported", condition=models.Q(("state__in", ["broken", "heard"]))
            ),
        ),
    ]
