"""Empties the database after a test with real transactions."""

# Filled by migrations for good: what Django's own flush empties and fills again each time.
KEPT = {"django_content_type", "auth_permission"}


def empty() -> None:
    """Delete all rows of all models' tables; append-only ones, too, which nothing but a test may do.

    A TRUNCATE makes new files for each table and index, whether it has rows or not. Here only tables with rows are
    touched, in one transaction.
    """
    from django.db import connection, transaction  # settings are not there before pytest_configure

    with transaction.atomic(), connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables))
        full = [table for (table,) in cursor.fetchall()]
        steps = [
            *(f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in full),
            "SET CONSTRAINTS ALL DEFERRED",  # so that their order is no matter
            *(f'DELETE FROM "{table}"' for table in full),
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f'ALTER TABLE "{table}" ENABLE TRIGGER USER' for table in full),
        ]
        cursor.execute("; ".join(steps))
