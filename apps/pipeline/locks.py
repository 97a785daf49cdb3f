"""Locks by name that end with the connection that holds them."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

# The first half of every advisory lock of the belt, so that it meets nobody else's: "belt" in ASCII.
SPACE = 0x62656C74


def number(name: str) -> int:
    """Return the second half: 32 bits of the name, signed. Two names that meet only wait for each other."""
    return zlib.crc32(name.encode()) - 2**31


@contextmanager
def alone(name: str, *, seconds: int | None = None) -> Iterator[bool]:
    """Hold the lock of this name, or say False at once where another connection holds it.

    It belongs to the connection, not to a transaction, because a step has its own transactions; a process that
    dies lets go of it. While it is held, no statement may take longer than `seconds`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, number(name)])
        taken = bool(cursor.fetchone()[0])
        if taken and seconds is not None:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield taken
    except BaseException as error:
        # A step stopped at its time limit may have been stopped anywhere: only a new connection is surely clean.
        if taken and not isinstance(error, Exception):
            connection.close()
            taken = False
        raise
    finally:
        if taken:
            _let_go(name, limited=seconds is not None)


def held() -> set[int]:
    """Return the numbers of all names whose lock somebody holds now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
            " AND classid = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [SPACE],
        )
        return {_signed(row[0]) for row in cursor.fetchall()}


def _let_go(name: str, *, limited: bool) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, number(name)])
            if limited:
                cursor.execute("RESET statement_timeout")
    except (DatabaseError, InterfaceError):
        # The connection is gone or unusable, and the lock goes with it.
        connection.close()


def _signed(bits: int) -> int:
    return bits - 2**32 if bits >= 2**31 else bits
