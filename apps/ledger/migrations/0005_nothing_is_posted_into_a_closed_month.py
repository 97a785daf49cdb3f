"""What is closed stays as it was: no entry gets a time in a closed month, and no closing is changed or taken back.

Whoever posts shares a lock that a closing takes alone: an entry that is not committed yet is waited for, and is in the
month; one that comes later finds the month closed. Shared locks of one key don't wait for each other.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_lock_of_closing(tenant uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('ledger closing ' || tenant::text, 0)
$$;

CREATE FUNCTION ledger_refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(ledger_lock_of_closing(NEW.organization_id));
    SELECT max(until) INTO closed FROM ledger_closing WHERE organization_id = NEW.organization_id;
    IF NEW.at < closed THEN
        RAISE EXCEPTION 'the books are closed up to %: an entry of % is refused', closed, NEW.at
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_month BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_closed_month();

CREATE FUNCTION ledger_close_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(ledger_lock_of_closing(NEW.organization_id));
    RETURN NEW;
END $$;
CREATE TRIGGER alone BEFORE INSERT ON ledger_closing
    FOR EACH ROW EXECUTE FUNCTION ledger_close_alone();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_closing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_closing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""

REVERSE = """
DROP TRIGGER closed_month ON ledger_entry;
DROP TRIGGER alone ON ledger_closing;
DROP TRIGGER append_only ON ledger_closing;
DROP TRIGGER no_truncate ON ledger_closing;
DROP FUNCTION ledger_refuse_closed_month();
DROP FUNCTION ledger_close_alone();
DROP FUNCTION ledger_lock_of_closing(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_entries_have_a_kind_and_months_are_closed")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
