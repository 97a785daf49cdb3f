from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION payments_payout_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.batch_id, NEW.worker_id, NEW.amount, NEW.currency)
            IS NOT DISTINCT FROM (OLD.batch_id, OLD.worker_id, OLD.amount, OLD.currency)
        AND (OLD.sent_at IS NULL OR (NEW.sent_at, NEW.receipt, NEW.destination, NEW.sent_in{more_new})
            IS NOT DISTINCT FROM (OLD.sent_at, OLD.receipt, OLD.destination, OLD.sent_in{more_old}))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'payout % stays as it was: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
FORWARD = FUNCTION.format(more_new=", NEW.executed_on", more_old=", OLD.executed_on")
REVERSE = FUNCTION.format(more_new="", more_old="")


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0011_days_of_payouts_so_far"),
    ]
    operations = [
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(("sent_at", None), ("executed_on__isnull", False), _connector="XOR"),
                name="payout_executed_once_sent",
            ),
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
