"""What was signed or refused stays as it was: what is decided anew about the same is another row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0014_payees_of_tax_reports"),
    ]
    operations = [
        migrations.RemoveConstraint(model_name="signoff", name="signoff_once_a_decision"),
        migrations.AlterField(
            model_name="signoff",
            name="amount",
            field=models.BigIntegerField(help_text="What leaves the organization by it, with the market's fee."),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("needs_second", True), ("refused_by", None), ("signed_by", None)),
                fields=("organization", "verb", "subject"),
                name="signoff_waits_once",
            ),
        ),
        migrations.AddIndex(
            model_name="signoff",
            index=models.Index(fields=["subject"], name="signoff_about"),
        ),
    ]
