"""What is owed never changes but for the payout it is in, and is never new in a closed month; what was paid stays too."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_obligation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed payments_obligation%ROWTYPE;
    closed timestamptz;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM pg_advisory_xact_lock_shared(ledger_lock_of_closing(NEW.organization_id));
        SELECT max(until) INTO closed FROM ledger_closing WHERE organization_id = NEW.organization_id;
        IF NEW.owed_at < closed THEN
            RAISE EXCEPTION 'the books are closed up to %: an obligation of % is refused', closed, NEW.owed_at
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        changed := NEW;
        changed.payout_id := OLD.payout_id;
        IF changed IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'obligation % stays as it is but for its payout: % refused', OLD.id, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE INSERT OR UPDATE OR DELETE ON payments_obligation
    FOR EACH ROW EXECUTE FUNCTION payments_obligation_stays();

CREATE FUNCTION payments_payout_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.batch_id, NEW.worker_id, NEW.amount, NEW.currency)
            IS NOT DISTINCT FROM (OLD.batch_id, OLD.worker_id, OLD.amount, OLD.currency)
        AND (OLD.sent_at IS NULL OR (NEW.sent_at, NEW.receipt, NEW.destination, NEW.sent_in)
            IS NOT DISTINCT FROM (OLD.sent_at, OLD.receipt, OLD.destination, OLD.sent_in))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'payout % stays as it was: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON payments_payout
    FOR EACH ROW EXECUTE FUNCTION payments_payout_stays();

CREATE FUNCTION payments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payments_payoutline
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments_payoutline
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments_obligation
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments_payout
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
"""

REVERSE = """
DROP TRIGGER stays ON payments_obligation;
DROP TRIGGER stays ON payments_payout;
DROP TRIGGER append_only ON payments_payoutline;
DROP TRIGGER no_truncate ON payments_payoutline;
DROP TRIGGER no_truncate ON payments_obligation;
DROP TRIGGER no_truncate ON payments_payout;
DROP FUNCTION payments_obligation_stays();
DROP FUNCTION payments_payout_stays();
DROP FUNCTION payments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_lines_of_payouts_so_far"),
        ("ledger", "0005_nothing_is_posted_into_a_closed_month"),
    ]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
