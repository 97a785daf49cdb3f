"""Nobody asked for the bank's day so far: it is the day on which a payout was booked."""

from django.db import migrations

FORWARD = """
UPDATE payments_payout SET executed_on = (sent_at AT TIME ZONE 'UTC')::date
WHERE sent_at IS NOT NULL AND executed_on IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0010_which_day_the_bank_paid"),
    ]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
