"""The table of Django's database cache, which rate limits share across web processes."""

from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL(
            sql="""
                CREATE UNLOGGED TABLE cache (
                    cache_key varchar(255) PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamp with time zone NOT NULL
                );
                CREATE INDEX cache_expires ON cache (expires);
            """,
            reverse_sql="DROP TABLE cache;",
        )
    ]
