"""What this instance needs to do its work, each tried as it is used."""

from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from apps.core.ids import new_id
from apps.pipeline import watching

SCHEDULER_SILENT_SECONDS = 180  # one that lives does something every 30 s


def database() -> str:
    """PostgreSQL answers and can be written to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')")
        recovering, read_only = cursor.fetchone()
    return "it can only be read: it is a standby, or was set so" if recovering or read_only == "on" else ""


def migrations() -> str:
    """The tables are those that this version of the code expects."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are to be applied: run manage.py migrate" if missing else ""


def queue() -> str:
    """The broker of messages answers."""
    return watching.queue_problem()


def storage() -> str:
    """Media can be written, read back and deleted."""
    name = default_storage.save(f"ready/{new_id().hex}", ContentFile(b"ready"))
    try:
        with default_storage.open(name) as file:
            return "" if file.read() == b"ready" else "it does not give back what was written"
    finally:
        default_storage.delete(name)


def scheduler() -> str:
    """A scheduler runs somewhere, so that the sweep finds what messages lost."""
    silence = watching.scheduler_silence()
    if silence is None:
        return "none has ever run: start manage.py schedule"
    return f"none has run for {silence:.0f} s" if silence > SCHEDULER_SILENT_SECONDS else ""


# Web can serve without the last; an operator hears of it by an alert, and load is not taken from a web that works.
NEEDS: tuple[Callable[[], str], ...] = (database, migrations, queue, storage)


def ailments() -> dict[str, str]:
    """Return what is wrong, by the need it is wrong with; nothing when all is well.

    After the database has failed nothing else is tried: the answer must come while somebody waits.
    """
    found: dict[str, str] = {}
    for need in NEEDS:
        try:
            problem = need()
        except DatabaseError as error:
            return {**found, "database": _first_line(error)}
        except OSError as error:
            problem = _first_line(error)
        if problem:
            found[need.__name__] = problem
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
