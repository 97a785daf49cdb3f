"""What a worker says in a dispute is forgotten with them, which the trail does not do: lines of before keep it no more."""

from django.db import migrations

# The table is locked until this is committed, so nobody else finds it open to changes.
FORGET = """
ALTER TABLE members_trail DISABLE TRIGGER append_only;
UPDATE members_trail SET reason = '' WHERE verb = 'dispute' AND reason <> '';
ALTER TABLE members_trail ENABLE TRIGGER append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0009_addresses_in_small_letters")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
