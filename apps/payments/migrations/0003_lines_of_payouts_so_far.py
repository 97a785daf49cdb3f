"""Payouts that were there before lines were kept get those of the obligations they have now."""

from django.db import migrations

FORWARD = """
INSERT INTO payments_payoutline (payout_id, obligation_id)
    SELECT payout_id, id FROM payments_obligation WHERE payout_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_bonuses_policies_and_where_to_pay")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
