"""What every test may use. The database of the run comes from tests/throw_away_database.py."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.listening import Ear, telling

pytest_plugins = ["tests.browser.report"]


@pytest.fixture(scope="session")
def ear() -> Iterator[Ear]:
    """Hears every line that is logged in this process; each request's too."""
    found = Ear()
    logging.getLogger().addHandler(found)
    logging.getLogger("apps.monitor.middleware").setLevel(logging.INFO)
    yield found
    logging.getLogger().removeHandler(found)


@pytest.fixture(scope="session", autouse=True)
def middleware_is_made_once() -> Iterator[None]:
    """Let test clients share what stands before the views till a setting changes: each would list all static files."""
    from django.core.signals import setting_changed  # Django is set up after this file is read
    from django.test.client import ClientHandler

    made: dict[str, Any] = {}

    def share(handler: ClientHandler, is_async: bool = False) -> None:
        if not made:
            load(handler, is_async)
            made.update({name: made_one for name, made_one in vars(handler).items() if "_middleware" in name})
        vars(handler).update(made)

    def forget(**sent: Any) -> None:
        made.clear()

    with pytest.MonkeyPatch.context() as patched:
        load = ClientHandler.load_middleware
        patched.setattr(ClientHandler, "load_middleware", share)
        setting_changed.connect(forget)
        yield
        setting_changed.disconnect(forget)


@pytest.fixture(autouse=True)
def no_secret_is_logged(ear: Ear) -> Iterator[Ear]:
    """Fail a test in which a log line tells a secret (S15)."""
    ear.heard()
    yield ear
    assert telling(ear.heard()) == []


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Make the database one of tests.

    Tests with real transactions may empty the append-only tables afterwards; UPDATE and DELETE stay refused. Nobody
    counts rows between two tests: plans for a table that was found empty would be used for thousands of rows.
    """
    from django.db import connection  # settings are not there before pytest_configure

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'no_truncate'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_truncate")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A process that a test killed may leave its session behind for a moment; the database could not be dropped.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
    connection.close()  # else it is this session that the database can't be dropped for
