"""What every test may use. The database of the run comes from tests/throw_away_database.py."""

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from tests.beginning_early import in_order
from tests.emptying import empty
from tests.listening import Ear, telling
from tests.migrated_once import MigratedOnce

pytest_plugins = ["tests.browser.report"]
OBJECTS_BETWEEN_LOOKS = 50_000


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported and collected, which stays till the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 50)


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


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_quickly() -> Iterator[None]:
    """Have tests with real transactions leave no rows, for less than a TRUNCATE of all tables costs."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty())
        yield


@pytest.fixture(autouse=True)
def every_test_begins_in_english() -> Iterator[None]:
    """Forget the language of whose request came last: nothing but the next request does."""
    from django.utils import translation  # Django is set up after this file is read

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_secret_is_logged(ear: Ear) -> Iterator[Ear]:
    """Fail a test in which a log line tells a secret (S15)."""
    ear.heard()
    yield ear
    assert telling(ear.heard()) == []


@pytest.fixture(scope="session")
def migrated_once(request: pytest.FixtureRequest) -> MigratedOnce | None:
    """What this run's migrations made; None where a database of an earlier run is kept."""
    return None if request.config.getvalue("reuse_db") else MigratedOnce()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated_once: MigratedOnce | None
) -> None:
    """Have the test's database copied where another process has migrated one."""
    from django.db import connection  # settings are not there before pytest_configure

    if migrated_once is not None and migrated_once.wait():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_once.name


@pytest.fixture(scope="session")
def migrated_dump(
    django_db_setup: None, django_db_blocker: Any, migrated_once: MigratedOnce | None, tmp_path_factory: Any
) -> dict[str, str]:
    """What a house of its own needs in its environment not to migrate again (infra/house/servers.py)."""
    if migrated_once is None or not migrated_once.is_made:
        return {}
    from apps.console.database import address
    from labelcrowd.embedded_postgres import archive

    dump = tmp_path_factory.mktemp("migrated") / "migrated.dump"
    with django_db_blocker.unblock():
        archive.backup(make_conninfo(address(), dbname=migrated_once.name), dump)
    return {"LABELCROWD_MIGRATED": str(dump)}


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any, migrated_once: MigratedOnce | None
) -> Iterator[None]:
    """Make the database one of tests.

    Nobody counts rows between two tests: plans for a table that was found empty would be used for thousands of rows.
    """
    from django.db import connection  # settings are not there before pytest_configure
    from django.db.backends.base.creation import TEST_DATABASE_PREFIX

    from apps.console.database import address

    if not connection.settings_dict["NAME"].startswith(TEST_DATABASE_PREFIX):
        if migrated_once is not None:
            migrated_once.close()
        yield  # no test of this run wants a database, so none was made
        return
    if migrated_once is not None and not migrated_once.is_made:
        with django_db_blocker.unblock():
            url = address()
            connection.close()  # a database is copied while nobody looks
            migrated_once.copy(url)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
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
