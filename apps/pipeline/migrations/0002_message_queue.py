"""The tables of the default broker, by dramatiq-postgres' own schema, beside ours but in a schema of their own."""

from django.db import migrations
from dramatiq_postgres import schema


def make(apps, schema_editor):
    # Does nothing where the tables are already.
    with schema_editor.connection.cursor() as cursor:
        schema.init(cursor)


def drop(apps, schema_editor):
    # Messages are hints: what they were for is still due in the rows. Anything else in the schema stops this.
    schema_editor.execute("DROP TABLE IF EXISTS dramatiq.queue, dramatiq.worker, dramatiq.result")
    schema_editor.execute("DROP TYPE IF EXISTS dramatiq.state")
    schema_editor.execute("DROP SCHEMA IF EXISTS dramatiq")


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_deliveries_and_schedules")]

    operations = [migrations.RunPython(make, drop)]
