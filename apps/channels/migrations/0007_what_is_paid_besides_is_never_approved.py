"""Of a slot that a person has paid besides, the market is asked for no approval any more."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION channels_approval_is_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid boolean;
BEGIN
    -- Whoever decides holds the claim, then what was planned for it: so of the two at once one sees the other.
    IF TG_OP = 'INSERT' THEN
        SELECT besides INTO paid FROM channels_claim WHERE id = substring(NEW.key, 7, 36)::uuid FOR SHARE;
    ELSE
        SELECT besides INTO paid FROM channels_claim WHERE id = substring(NEW.key, 7, 36)::uuid;
    END IF;
    IF paid THEN
        RAISE EXCEPTION '% is paid besides: no approval is sent for it', NEW.key USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wanted BEFORE INSERT OR UPDATE OF state ON channels_intent
    FOR EACH ROW WHEN (
        NEW.verb = 'approve' AND NEW.state IN ('planned', 'sending') AND NEW.key ~ '^claim:[0-9a-f-]{36}(:|$)'
    ) EXECUTE FUNCTION channels_approval_is_wanted();
"""

REVERSE = """
DROP TRIGGER wanted ON channels_intent;
DROP FUNCTION channels_approval_is_wanted();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0006_where_offers_were_made"),
    ]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
