"""Questions about the databases of a server, embedded or not."""

import psycopg
from psycopg import conninfo, errors, sql


def create_missing(url: str, name: str) -> bool:
    """Make a database on the server of this URL unless it is there. Return whether it was made."""
    with psycopg.connect(conninfo.make_conninfo(url, dbname="postgres"), autocommit=True) as session:
        if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        try:
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return False  # another process was faster
        return True


def is_empty(url: str) -> bool:
    """Whether a database holds nothing of its own: no relation, function or type outside PostgreSQL's schemas."""
    with psycopg.connect(url) as session:
        found = session.execute(
            """
            WITH ours AS (
                SELECT oid, nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
            )
            SELECT EXISTS (
                SELECT FROM pg_class JOIN ours ON ours.oid = relnamespace
                UNION ALL SELECT FROM pg_proc JOIN ours ON ours.oid = pronamespace
                UNION ALL SELECT FROM pg_type JOIN ours ON ours.oid = typnamespace
                UNION ALL SELECT FROM ours WHERE nspname <> 'public'
            )
            """
        ).fetchone()
    return found == (False,)
