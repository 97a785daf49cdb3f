"""A throw-away PostgreSQL for the run where DATABASE_URL names none, and what every test may use."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

import pytest

_stack = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a process of xdist: it inherits what the first one set up
    os.environ["LABELCROWD_VAR"] = _stack.enter_context(tempfile.TemporaryDirectory(prefix="labelcrowd-tests-"))
    if not os.environ.get("DATABASE_URL"):
        from labelcrowd.embedded_postgres import throw_away_server  # only where it is needed

        os.environ["DATABASE_URL"] = _stack.enter_context(throw_away_server())


def pytest_unconfigure() -> None:
    _stack.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests with real transactions empty the append-only tables afterwards; UPDATE and DELETE stay refused."""
    from django.db import connection  # settings are not there before pytest_configure

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'no_truncate'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_truncate")
    yield
