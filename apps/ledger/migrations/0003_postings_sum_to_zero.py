"""At commit, every new entry has just the legs it announced, they sum to zero in each currency, all of its organization.

Deferred, so that the legs may arrive one by one; by count of legs, so that none can be added to an old entry.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_check_entry(checked bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    announced int;
    tenant uuid;
    posted int;
    foreign_legs int;
    off record;
BEGIN
    SELECT legs, organization_id INTO announced, tenant FROM ledger_entry WHERE id = checked;
    SELECT count(*), count(*) FILTER (WHERE a.organization_id <> tenant) INTO posted, foreign_legs
        FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = checked;
    IF posted <> announced THEN
        RAISE EXCEPTION 'entry % has % postings, it announced %', checked, posted, announced
            USING ERRCODE = 'check_violation';
    END IF;
    IF foreign_legs > 0 THEN
        RAISE EXCEPTION 'entry % touches an account of another organization', checked USING ERRCODE = 'check_violation';
    END IF;
    SELECT a.currency, sum(p.amount) AS amount INTO off
        FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE p.entry_id = checked GROUP BY a.currency HAVING sum(p.amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % %', checked, off.amount, off.currency USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION ledger_entry_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_entry(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_posting_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_entry(NEW.entry_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_checked();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_checked();
"""

REVERSE = """
DROP TRIGGER balanced ON ledger_entry;
DROP TRIGGER balanced ON ledger_posting;
DROP FUNCTION ledger_entry_checked();
DROP FUNCTION ledger_posting_checked();
DROP FUNCTION ledger_check_entry(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_books_append_only")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
