"""P18: a backup, restored into an empty instance, holds the same rows to the last character."""

import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import conninfo, sql

from apps.console.database import address
from labelcrowd.embedded_postgres import archive
from labelcrowd.embedded_postgres.databases import create_missing

TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables t JOIN pg_class c ON c.relname = t.tablename
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = t.schemaname
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND c.relpersistence = 'p' ORDER BY 1
"""


def checksums(url: str) -> dict[str, str]:
    """Return how many rows each logged table has, and a checksum of them."""
    with psycopg.connect(url) as session:
        return {
            table: session.execute(
                f"SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
            ).fetchone()[0]
            for (table,) in session.execute(TABLES).fetchall()
        }


def lost() -> list[str]:
    """Back the database up, restore it beside, return the tables that are not the same. Nobody may write meanwhile."""
    name = f"restored_{uuid4().hex[:8]}"
    create_missing(address(), name)
    beside = conninfo.make_conninfo(address(), dbname=name)
    try:
        with tempfile.TemporaryDirectory() as folder:
            archive.backup(address(), Path(folder) / "all.dump")
            archive.restore(Path(folder) / "all.dump", beside)
        here, there = checksums(address()), checksums(beside)
    finally:
        with psycopg.connect(conninfo.make_conninfo(address(), dbname="postgres"), autocommit=True) as session:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return [table for table in here if here[table] != there.get(table)]
