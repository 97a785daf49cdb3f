"""How many slots workers have, as the market says: by it who may come to an offer that was taken off is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0016_extensions_of_offers_that_are_over"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="pending",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Slots in workers' hands as the market was last seen to say; since it was taken off, the fewest.",
                null=True,
            ),
        ),
    ]
