"""The trail can be added to, and nothing else."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION members_trail_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON members_trail
    FOR EACH STATEMENT EXECUTE FUNCTION members_trail_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON members_trail
    FOR EACH STATEMENT EXECUTE FUNCTION members_trail_refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON members_trail;
DROP TRIGGER no_truncate ON members_trail;
DROP FUNCTION members_trail_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_nouns")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
