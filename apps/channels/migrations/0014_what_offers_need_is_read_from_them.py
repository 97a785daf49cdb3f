"""What open offers may still cost is read from them, for each organization by itself: a sum of all was shown to nobody.

The column `needed` stays in the database, for processes of the version before write it while this one comes in.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0013_what_was_paid_is_not_approved_besides"),
    ]
    operations = [
        migrations.AlterField(
            model_name="purse",
            name="needed",
            field=models.BigIntegerField(db_default=0, default=0, help_text="What open offers may still cost."),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="purse", name="needed")]
        ),
    ]
