"""Token buckets, in a table that is not logged: a crash empties it, and nothing but a moment's limit is lost."""

from django.db import migrations

FORWARD = """
CREATE UNLOGGED TABLE core_bucket (
    key text PRIMARY KEY,
    level float8 NOT NULL CHECK (level >= 0),
    taken float8 NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_cache_table")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE core_bucket;")]
