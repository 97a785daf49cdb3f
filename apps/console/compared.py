"""What a restored dump tells against the database that runs: of rows that never change, letter by letter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

# Each with when its rows were written.
NEVER_CHANGED = {
    "ledger_entry": "t.at",
    "ledger_posting": "(SELECT at FROM ledger_entry WHERE id = t.entry_id)",
    "members_trail": "t.at",
}
AT_ONCE = 10_000
# A row says when it was written, and a dump has what was committed by then.
LONGEST_TRANSACTION = timedelta(hours=1)
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
THESE = sql.SQL(" WHERE id = ANY(%s)")
Session = psycopg.Connection[Any]


def changed(dump: Session, here: Session, *, made_at: datetime | None) -> dict[str, int]:
    """Return how many rows differ, by table; tables with none are left out.

    They read otherwise, or are missing on one side: here, or in the dump, though they were there when it was made
    (`made_at`; where that is not known, when its newest row was written).
    """
    for session in (dump, here):
        session.execute("SET TimeZone = 'UTC'")  # times are compared as they are written
    before = (made_at or _newest(dump)) - LONGEST_TRANSACTION
    found = {table: _not_here(dump, here, table) + _not_there(dump, here, table, before) for table in NEVER_CHANGED}
    return {table: wrong for table, wrong in found.items() if wrong}


def _not_here(dump: Session, here: Session, table: str) -> int:
    both = sorted(_columns(dump, table) & _columns(here, table))  # another version may have further ones
    told = sql.SQL(", ").join(sql.Identifier("t", column) for column in both)
    rows = sql.SQL("SELECT id, md5(ROW({})::text) FROM {} AS t").format(told, sql.Identifier(table))
    wrong = 0
    for piece in _pieces(dump, rows):
        same = dict(here.execute(rows + THESE, [[key for key, _ in piece]]).fetchall())
        wrong += sum(same.get(key) != text for key, text in piece)
    return wrong


def _not_there(dump: Session, here: Session, table: str, before: datetime) -> int:
    name = sql.Identifier(table)
    written = sql.SQL("SELECT id, '' FROM {} AS t WHERE {} < {}")
    old = written.format(name, sql.SQL(NEVER_CHANGED[table]), sql.Literal(before))
    there = sql.SQL("SELECT id FROM {}").format(name) + THESE
    return sum(
        len(piece) - len(dump.execute(there, [[key for key, _ in piece]]).fetchall()) for piece in _pieces(here, old)
    )


def paid_since(dump: Session, here: Session) -> int:
    """Return how many payouts are on their way or sent here, and not in the dump: restored, they are owed again."""
    begun = sql.SQL("SELECT id, '' FROM payments_payout WHERE state IN ('sending', 'sent')")
    known = sql.SQL("SELECT count(*) FROM payments_payout WHERE state IN ('sending', 'sent') AND id = ANY(%s)")
    return sum(
        len(rows) - int(dump.execute(known, [[key for key, _ in rows]]).fetchall()[0][0])
        for rows in _pieces(here, begun)
    )


def _newest(dump: Session) -> datetime:
    rows = dump.execute("SELECT greatest((SELECT max(at) FROM ledger_entry), (SELECT max(at) FROM members_trail))")
    newest: datetime | None = rows.fetchall()[0][0]
    return newest or datetime(1, 1, 2, tzinfo=UTC)  # it has none


def _columns(session: Session, table: str) -> set[str]:
    return {name for (name,) in session.execute(COLUMNS, [table]).fetchall()}


def _pieces(session: Session, query: sql.SQL | sql.Composed) -> Iterator[list[tuple[Any, str]]]:
    with session.cursor("rows") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows
