"""The confidence that is shown is the one that audits correct; what the method claims stands beside it.

The column `calibrated` stays in the database, for processes of the version before write it while this one comes in.
"""

from django.db import migrations, models

SHOWN = "UPDATE quality_consensus SET claimed = confidence, confidence = calibrated WHERE calibrated IS NOT NULL"
BEFORE = "UPDATE quality_consensus SET calibrated = confidence, confidence = claimed WHERE claimed IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("quality", "0008_hardest_first")]

    operations = [
        migrations.AddField(
            model_name="consensus",
            name="claimed",
            field=models.FloatField(
                null=True,
                help_text="What the method claimed, where audits corrected it; empty where there are too few of them.",
            ),
        ),
        migrations.RunSQL(SHOWN, BEFORE),
        migrations.RemoveConstraint(model_name="consensus", name="consensus_calibrated"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="consensus", name="calibrated")]
        ),
        migrations.AlterField(
            model_name="consensus",
            name="confidence",
            field=models.FloatField(
                help_text="That it is right: the method's probability, corrected by audits where there are enough."
            ),
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.CheckConstraint(
                condition=models.Q(claimed=None) | models.Q(claimed__gte=0, claimed__lte=1), name="consensus_claimed"
            ),
        ),
    ]
