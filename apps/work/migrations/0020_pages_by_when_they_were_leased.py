from django.db import migrations, models

from labelcrowd.indices import MakeIndexConcurrently


class Migration(migrations.Migration):
    """Whether a page was given to anybody since another's time was over read every page of the campaign."""

    atomic = False  # so that pages are leased meanwhile

    dependencies = [("work", "0019_gold_let_go_stays_so")]

    operations = [
        MakeIndexConcurrently(
            model_name="assignment",
            index=models.Index(fields=["campaign", "leased_at"], name="assignment_by_lease"),
        ),
    ]
