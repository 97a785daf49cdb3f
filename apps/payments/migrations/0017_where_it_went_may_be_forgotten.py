"""Where a payout went may be emptied, after the years for which it proves something; it is never another place."""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION payments_payout_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.batch_id, NEW.worker_id, NEW.amount, NEW.currency)
            IS NOT DISTINCT FROM (OLD.batch_id, OLD.worker_id, OLD.amount, OLD.currency)
        AND (OLD.sent_at IS NULL OR (NEW.sent_at, NEW.receipt, NEW.sent_in, NEW.executed_on)
            IS NOT DISTINCT FROM (OLD.sent_at, OLD.receipt, OLD.sent_in, OLD.executed_on)
            AND NEW.destination IN (OLD.destination{emptied}))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'payout % stays as it was: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0016_any_day_since_the_approval"),
    ]
    operations = [
        migrations.AlterField(
            model_name="bankfile",
            name="sealed",
            field=models.TextField(help_text="The file under the vault's key; empty once forgotten."),
        ),
        migrations.RunSQL(FUNCTION.format(emptied=", ''"), FUNCTION.format(emptied="")),
    ]
