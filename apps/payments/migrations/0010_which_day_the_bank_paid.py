from django.db import migrations, models

# A process that still runs the code of before, or a repair by hand, tells no day: it is that of the booking.
FORWARD = """
CREATE FUNCTION payments_payout_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked date := (NEW.sent_at AT TIME ZONE 'UTC')::date;
    approved date;
    payer uuid;
    closed timestamptz;
BEGIN
    NEW.executed_on := coalesce(NEW.executed_on, booked);
    IF NEW.executed_on = booked THEN
        RETURN NEW;
    END IF;
    SELECT organization_id, (approved_at AT TIME ZONE 'UTC')::date INTO payer, approved
        FROM payments_payoutbatch WHERE id = NEW.batch_id;
    PERFORM pg_advisory_xact_lock_shared(ledger_lock_of_closing(payer));
    SELECT max(until) INTO closed FROM ledger_closing WHERE organization_id = payer;
    IF NEW.executed_on > booked OR NEW.executed_on < approved
        OR NEW.executed_on < (closed AT TIME ZONE 'UTC')::date
    THEN
        RAISE EXCEPTION 'payout % was not sent on %: booked on %, approved on %, and the books are closed up to %',
            NEW.id, NEW.executed_on, booked, approved, closed USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER day_of_new BEFORE INSERT ON payments_payout
    FOR EACH ROW WHEN (NEW.sent_at IS NOT NULL) EXECUTE FUNCTION payments_payout_day();
CREATE TRIGGER day BEFORE UPDATE ON payments_payout
    FOR EACH ROW WHEN (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL) EXECUTE FUNCTION payments_payout_day();
"""

REVERSE = """
DROP TRIGGER day ON payments_payout;
DROP TRIGGER day_of_new ON payments_payout;
DROP FUNCTION payments_payout_day();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0009_what_was_refused_stays_refused"),
    ]
    operations = [
        migrations.AddField(
            model_name="payout",
            name="executed_on",
            field=models.DateField(
                blank=True,
                help_text="The day (UTC) of its payment as the bank says, by which tax years count.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="payout",
            name="sent_at",
            field=models.DateTimeField(blank=True, help_text="When it was booked.", null=True),
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
