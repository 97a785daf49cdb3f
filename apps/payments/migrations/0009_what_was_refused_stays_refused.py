"""A bonus that a second person refused is never paid, and one that waits for a second person is not paid yet."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_settled_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who refuses it holds the same obligation (take_back); what was signed is never unsigned.
    IF EXISTS (
        SELECT FROM payments_signoff s JOIN payments_obligation o ON o.id = NEW.obligation_id
        WHERE s.organization_id = o.organization_id AND s.verb = o.kind AND s.subject = 'obligation:' || o.id
            AND s.needs_second AND s.signed_by_id IS NULL
    ) THEN
        RAISE EXCEPTION 'obligation % waits for a second person, or was refused by one: nobody paid it', NEW.obligation_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed BEFORE INSERT ON payments_settlement
    FOR EACH ROW EXECUTE FUNCTION payments_settled_is_signed();

CREATE FUNCTION payments_refused_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sign-off % was refused, and what it gave was taken back: it stays refused', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER refused_stays BEFORE UPDATE ON payments_signoff
    FOR EACH ROW WHEN (OLD.refused_by_id IS NOT NULL AND OLD.verb IN ('bonus', 'adjustment'))
    EXECUTE FUNCTION payments_refused_stays();
"""

REVERSE = """
DROP TRIGGER refused_stays ON payments_signoff;
DROP TRIGGER signed ON payments_settlement;
DROP FUNCTION payments_refused_stays();
DROP FUNCTION payments_settled_is_signed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_signoffs"),
    ]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
