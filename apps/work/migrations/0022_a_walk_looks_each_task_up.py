"""A lease walks to the next tasks and looks each of them up. PostgreSQL plans it before it knows how few it needs (the
size is a variable of the function), and in a database where a few workers gave most answers it read all places and
joined them with all tasks at each lease: twice the cost of a cycle among 100,000 places, and growing with them.
"""

from django.db import migrations

SIGNATURE = "work_hand_out(jsonb, integer, integer, integer, boolean, uuid[], text)"
WHOLE_TABLES = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin")
COMPILING = "jit"  # before PostgreSQL 18 a way that is off and taken all the same looks dear enough to be compiled


class Migration(migrations.Migration):
    dependencies = [("work", "0021_reported_places_of_a_worker")]
    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {SIGNATURE} " + " ".join(f"SET {name} = off" for name in (*WHOLE_TABLES, COMPILING)),
            f"ALTER FUNCTION {SIGNATURE} RESET ALL",
        )
    ]
