"""Indices that are made while others write: an interrupted migration leaves one behind, and mends it when run again."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_STANDING = """
SELECT index.indisvalid FROM pg_index index
JOIN pg_class name ON name.oid = index.indexrelid JOIN pg_class owner ON owner.oid = index.indrelid
WHERE name.relname = %s AND owner.relname = %s AND name.relnamespace = ANY(current_schemas(false)::regnamespace[])
"""


class MakeIndexConcurrently(AddIndexConcurrently):
    """As Django's, and may be run again wherever it was killed.

    PostgreSQL keeps an index whose making was interrupted: no query uses it, every write pays for it, and its name is
    taken. Such a one is dropped first; one that was finished before the migration could be noted is kept.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_STANDING, [self.index.name, model._meta.db_table])
            standing = cursor.fetchone()
        if standing is not None and not standing[0]:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
        if standing is None or not standing[0]:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
