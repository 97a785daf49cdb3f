"""What a market was told of a worker without an answer, and may take late: the contrary waits till then."""

from django.db import migrations, models

STATES = [("wanted", "to be granted"), ("granted", "granted"), ("unwanted", "to be revoked"), ("revoked", "revoked")]


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0014_what_offers_need_is_read_from_them"),
    ]
    operations = [
        migrations.AddField(
            model_name="grant",
            name="unsure",
            field=models.CharField(
                blank=True,
                choices=STATES,
                db_default="",
                default="",
                help_text="What the market was last told without an answer: it may take it late.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="unsure_until",
            field=models.DateTimeField(blank=True, help_text="How late it may take that.", null=True),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("unsure", ""), models.Q(("unsure_until", None), _negated=True), _connector="XOR"),
                name="grant_unsure_until",
            ),
        ),
    ]
