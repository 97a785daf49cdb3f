"""Holding and releasing as functions of the database, so that what else a statement does can end with them."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_hold(whose text, more bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_budget SET held = held + more WHERE owner = whose AND held + spent + more <= amount;
    RETURN FOUND;
END $$;

CREATE FUNCTION ledger_release(whose text, less bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_budget SET held = held - less WHERE owner = whose;
END $$;
"""

BACKWARD = """
DROP FUNCTION ledger_hold;
DROP FUNCTION ledger_release;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_nothing_is_posted_into_a_closed_month")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
