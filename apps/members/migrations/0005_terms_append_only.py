"""Published terms, and who agreed to them, can be added to, and nothing else."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION members_terms_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON members_terms
    FOR EACH STATEMENT EXECUTE FUNCTION members_terms_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON members_terms
    FOR EACH STATEMENT EXECUTE FUNCTION members_terms_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON members_consent
    FOR EACH STATEMENT EXECUTE FUNCTION members_terms_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON members_consent
    FOR EACH STATEMENT EXECUTE FUNCTION members_terms_refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON members_terms;
DROP TRIGGER no_truncate ON members_terms;
DROP TRIGGER append_only ON members_consent;
DROP TRIGGER no_truncate ON members_consent;
DROP FUNCTION members_terms_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0004_terms_preferences_and_erasure")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
