"""The bank's day is in no posting: that it is told after its month was closed changes nothing that was closed."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION payments_payout_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked date := (NEW.sent_at AT TIME ZONE 'UTC')::date;
    approved date;
BEGIN
    NEW.executed_on := coalesce(NEW.executed_on, booked);
    IF NEW.executed_on = booked THEN
        RETURN NEW;
    END IF;
    SELECT (approved_at AT TIME ZONE 'UTC')::date INTO approved FROM payments_payoutbatch WHERE id = NEW.batch_id;
    IF NEW.executed_on > booked OR NEW.executed_on < approved THEN
        RAISE EXCEPTION 'payout % was not sent on %: booked on %, approved on %',
            NEW.id, NEW.executed_on, booked, approved USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION payments_payout_day() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0015_signoffs_that_stay"),
    ]
    operations = [migrations.RunSQL(FUNCTION, BEFORE)]
