"""What a market paid is in no payout of ours, and stays."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_settled_is_paid_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other uuid;
BEGIN
    -- Whoever puts it into a payout holds the same row, so of the two at once one sees the other.
    SELECT payout_id INTO other FROM payments_obligation WHERE id = NEW.obligation_id FOR NO KEY UPDATE;
    IF other IS NOT NULL THEN
        RAISE EXCEPTION 'obligation % is in payout %: a market can''t have paid it, too', NEW.obligation_id, other
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paid_once BEFORE INSERT ON payments_settlement
    FOR EACH ROW EXECUTE FUNCTION payments_settled_is_paid_once();

CREATE FUNCTION payments_obligation_is_paid_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_settlement WHERE obligation_id = NEW.id) THEN
        RAISE EXCEPTION 'a market paid obligation %: it can be in no payout', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paid_once BEFORE UPDATE OF payout_id ON payments_obligation
    FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION payments_obligation_is_paid_once();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payments_settlement
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON payments_settlement;
DROP TRIGGER paid_once ON payments_obligation;
DROP TRIGGER paid_once ON payments_settlement;
DROP FUNCTION payments_obligation_is_paid_once();
DROP FUNCTION payments_settled_is_paid_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_what_markets_paid"),
    ]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
