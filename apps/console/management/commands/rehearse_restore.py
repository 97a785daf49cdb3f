"""Try whether a backup comes back, without touching anything."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import CommandError
from psycopg import sql

from apps.console import compared
from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, readable
from apps.console.database import address
from apps.pipeline import backups
from labelcrowd.embedded_postgres import EmbeddedPostgresError, archive, throw_away_server

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
OFF = """
    SELECT currency, sum(amount) FROM ledger_posting JOIN ledger_account ON ledger_account.id = account_id
    GROUP BY currency HAVING sum(amount) <> 0
"""


class Command(Base):
    help = (
        "Restore a backup into a server of its own, which is thrown away again, count what came back, see whether the "
        "books in it balance, and compare them and the trail with the database that runs. A backup that nobody "
        "restored is a hope."
    )
    expected = (EmbeddedPostgresError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote, or a folder: its newest backup is tried")
        parser.add_argument("--alone", action="store_true", help="compare it with nothing: it is another instance's")

    def run(self, file: Path, alone: bool, **options: Any) -> None:
        tried = max(file.glob(backups.PATTERN), default=None) if file.is_dir() else file
        if tried is None:
            raise CommandError(f"{file} holds no backup: there is nothing named {backups.PATTERN} in it")
        began = time.monotonic()
        with throw_away_server() as url:
            archive.restore(Path(readable(str(tried))), url)
            with psycopg.connect(url) as session:
                rows = _rows(session)
                off = session.execute(OFF).fetchall()
                changed, paid = ({}, 0) if alone else _compared(session, backups.moment(tried))
        seconds = time.monotonic() - began
        self.say(f"{tried} came back in {seconds:.0f} s: {len(rows)} tables, {sum(rows.values()):,} rows")
        for noun, table in {
            "campaigns": "campaigns_campaign",
            "judgments": "work_judgment",
            "entries": "ledger_entry",
        }.items():
            self.say(f"  {noun:<10}{rows[table]:>12,}")
        if off:
            raise CommandError(
                f"its books do not balance: {', '.join(f'{amount} {currency}' for currency, amount in off)}"
            )
        self.say("  its books balance")
        if changed:
            told = ", ".join(f"{rows:,} rows of {table}" for table, rows in changed.items())
            raise CommandError(f"it differs from the database that runs in what never changes: {told}")
        if not alone:
            self.say("  its entries and decisions are here, letter by letter")
            self.say(f"  payouts begun since: {paid:,}" + (", which it would have owed again" if paid else ""))


def _compared(dump: psycopg.Connection[Any], made_at: datetime | None) -> tuple[dict[str, int], int]:
    with psycopg.connect(address()) as here:
        return compared.changed(dump, here, made_at=made_at), compared.paid_since(dump, here)


def _rows(session: psycopg.Connection[Any]) -> dict[str, int]:
    """Return how many rows each table has."""
    names = [name for (name,) in session.execute(TABLES).fetchall()]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: session.execute(count.format(sql.Identifier(name))).fetchall()[0][0] for name in names}
