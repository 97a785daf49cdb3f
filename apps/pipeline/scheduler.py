"""What is done by the clock, once each time however many schedulers run."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from apps.pipeline import locks
from apps.pipeline.models import Schedule
from labelcrowd.broker import scrub

log = logging.getLogger(__name__)

# Look at the table this often at least: another process may have changed it.
LONGEST_NAP_SECONDS = 5.0
SHORTEST_NAP_SECONDS = 0.2


@dataclass(frozen=True)
class Entry:
    """Something to do every so many seconds. It may be done twice, when a scheduler dies while it does it."""

    name: str
    every_seconds: int
    run: Callable[[], object]


class Stop(Protocol):
    """What tells a scheduler to end, and lets it wait: a threading.Event or labelcrowd.stopping.Stopping."""

    def wait(self, seconds: float, /) -> bool:
        """Wait this long at most; return whether to end."""
        ...


def run(entries: Sequence[Entry], stop: Stop) -> None:
    """Do what is due until told to end, whatever becomes of the database meanwhile."""
    prepared = False
    nap = 0.0
    while not stop.wait(nap):
        try:
            close_old_connections()
            if not prepared:
                prepare(entries)
                prepared = True
            tick(entries)
            nap = _seconds_until_due(entries)
        except (DatabaseError, InterfaceError) as error:
            log.warning("the scheduler has no database, and tries again in a second: %s", error)
            connection.close()
            nap = 1.0
    connection.close()


def prepare(entries: Sequence[Entry]) -> None:
    """Write what the code says into the table: new entries are due at once."""
    for entry in entries:
        Schedule.objects.update_or_create(name=entry.name, defaults={"every_seconds": entry.every_seconds})


def tick(entries: Sequence[Entry]) -> list[str]:
    """Do each entry that is due by the database's clock and that nobody else is doing; return their names."""
    due = _due()
    return [entry.name for entry in entries if entry.name in due and _do(entry)]


def _do(entry: Entry) -> bool:
    # The lock is taken before the row is read again: whoever did this tick has moved due_at on by then.
    with locks.alone(f"schedule:{entry.name}") as alone:
        if not alone or entry.name not in _due():
            return False
        error = ""
        try:
            entry.run()
        except Exception as failure:  # the other entries, and the next time, must go on
            log.exception("scheduled %s failed, and is tried again in a minute at most", entry.name)
            error = scrub(f"{type(failure).__name__}: {failure}")
        _move_on(entry, error)
        return True


def _due() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pipeline_schedule WHERE due_at <= now()")
        return {row[0] for row in cursor.fetchall()}


def _move_on(entry: Entry, error: str) -> None:
    """Set the next time: on the entry's own beat, or soon when it failed. Times missed are not made up for.

    Compare-and-swap: it moves on only what is still due, so that two can't skip a time between them.
    """
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE pipeline_schedule SET
                due_at = CASE WHEN %s = '' THEN due_at + make_interval(secs => every_seconds
                        * (floor(extract(epoch FROM now() - due_at) / every_seconds) + 1)::int)
                    ELSE now() + make_interval(secs => least(every_seconds, 60)) END,
                ran_at = now(),
                error = %s
            WHERE name = %s AND due_at <= now()
            """,
            [error, error, entry.name],
        )


def _seconds_until_due(entries: Sequence[Entry]) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(due_at) - now())::float FROM pipeline_schedule WHERE name = ANY(%s)",
            [[entry.name for entry in entries]],
        )
        seconds = cursor.fetchone()[0]
    return min(max(LONGEST_NAP_SECONDS if seconds is None else seconds, SHORTEST_NAP_SECONDS), LONGEST_NAP_SECONDS)
