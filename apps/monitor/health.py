"""What this instance needs to do its work, each tried as it is used."""

import logging
import threading
import time
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from apps.core.ids import new_id
from apps.pipeline import watching

log = logging.getLogger(__name__)

SCHEDULER_SILENT_SECONDS = 180  # one that lives does something every 30 s
# How long a process' verdict stands: anybody may ask, and each look costs statements; of the storage, a written file.
SECONDS = 1.0
STORAGE_SECONDS = 15.0
WAIT_SECONDS = 2.0  # for the look of another thread: what hangs must not hold all threads, and /healthz with them
# Its sort does not fit into the memory that it has, so PostgreSQL writes a file as it would for a table.
SPILLS = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 5000) AS n ORDER BY md5(n::text) OFFSET 1) AS sorted"

_looking = threading.Lock()
_found: tuple[dict[str, str], float] = ({}, 0.0)  # what is wrong, and until when that stands
_storage = ("", 0.0)  # the same of the storage
_written_until = 0.0  # until when it stands that PostgreSQL has room
_migrated_until = 0.0  # the same of the tables; of those that are not as they should be nothing stands


def database() -> str:
    """PostgreSQL answers and can be written to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')")
        recovering, read_only = cursor.fetchone()
    if recovering or read_only == "on":
        return "it can only be read: it is a standby, or was set so"
    _write()
    return ""


def _write() -> None:
    """Have PostgreSQL write some 100 kB that it forgets at once; raise `DatabaseError` where its disk is full."""
    global _written_until
    if time.monotonic() < _written_until:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(SPILLS)
    _written_until = time.monotonic() + STORAGE_SECONDS


def migrations() -> str:
    """The tables are those that this version of the code expects."""
    global _migrated_until
    if time.monotonic() < _migrated_until:
        return ""
    executor = MigrationExecutor(connection)  # reads all of them: 25 ms of processor
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        _migrated_until = time.monotonic() + STORAGE_SECONDS
    return f"{len(missing)} migrations are to be applied: run manage.py migrate" if missing else ""


def queue() -> str:
    """The broker of messages answers."""
    return watching.queue_problem()


def storage() -> str:
    """Media can be written, read back and deleted."""
    global _storage
    if time.monotonic() >= _storage[1]:
        _storage = _tried(_media), time.monotonic() + STORAGE_SECONDS
    return _storage[0]


def forget() -> None:
    """Forget what was found; for tests."""
    global _found, _storage, _written_until, _migrated_until
    _found, _storage, _written_until, _migrated_until = ({}, 0.0), ("", 0.0), 0.0, 0.0


def _media() -> str:
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
    """Return what is wrong, by the need it is wrong with; nothing when all is well. Looks at most once a second."""
    global _found
    if not _looking.acquire(timeout=WAIT_SECONDS):
        return {"look": f"another look has taken over {WAIT_SECONDS:.0f} s: the database or the store hangs"}
    try:
        if time.monotonic() >= _found[1]:
            _found = _look(), time.monotonic() + SECONDS
        return _found[0]
    finally:
        _looking.release()


def _look() -> dict[str, str]:
    """Return what is wrong now.

    After the database has failed nothing else is tried: the answer must come while somebody waits.
    """
    found: dict[str, str] = {}
    for need in NEEDS:
        try:
            problem = _tried(need)
        except DatabaseError as error:
            return {**found, "database": _first_line(error)}
        if problem:
            found[need.__name__] = problem
    return found


def _tried(need: Callable[[], str]) -> str:
    """Return what is wrong with a need, also where it fails in words of its own, as a bucket's client does."""
    try:
        return need()
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("%s can't be used", need.__name__.strip("_"))
        return _first_line(error)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
