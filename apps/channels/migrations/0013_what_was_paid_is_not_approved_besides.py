"""A slot for one worker is approved no more once something else paid what it was made for; and offers are doubted."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION channels_own_slot_is_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offer record;
BEGIN
    SELECT p.id, p.owed INTO offer FROM channels_claim c JOIN channels_publication p ON p.id = c.publication_id
        WHERE c.id = substring(NEW.key, 7, 36)::uuid;
    -- Who plans it holds the obligation, as whoever settles it does: so of the two at once one sees the other.
    IF offer.owed ~ '^obligation:[0-9]+$' AND EXISTS (
        SELECT FROM payments_settlement s WHERE s.obligation_id = substring(offer.owed, 12)::bigint AND NOT EXISTS (
            SELECT FROM channels_claim own
            WHERE own.publication_id = offer.id AND own.assignment = s.receipt AND own.state = 'confirmed'
        )
    ) THEN
        RAISE EXCEPTION '% was paid by something else: no approval is sent for %', offer.owed, NEW.key
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unpaid BEFORE INSERT OR UPDATE OF state ON channels_intent
    FOR EACH ROW WHEN (
        NEW.verb = 'approve' AND NEW.state IN ('planned', 'sending') AND NEW.key ~ '^claim:[0-9a-f-]{36}(:|$)'
    ) EXECUTE FUNCTION channels_own_slot_is_wanted();
"""

REVERSE = """
DROP TRIGGER unpaid ON channels_intent;
DROP FUNCTION channels_own_slot_is_wanted();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0012_whom_a_message_did_not_reach"),
        ("payments", "0017_where_it_went_may_be_forgotten"),
    ]
    operations = [
        migrations.AddField(
            model_name="publication",
            name="doubted_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was last seen that something was paid by it and otherwise, too.",
                null=True,
            ),
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
