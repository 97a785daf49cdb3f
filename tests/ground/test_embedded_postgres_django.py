"""Django on the embedded server: nothing runs before the first connection, and nothing is in the way afterwards."""

import pytest

from labelcrowd import embedded_postgres
from labelcrowd.embedded_postgres import ensure_running, stop
from tests.ground.conftest import eventually, state

SETUP = """
import os, sys, warnings
from pathlib import Path
import django
from django.conf import settings
warnings.simplefilter("error")
root = sys.argv[1]
settings.configure(
    DATABASES={"default": {
        "ENGINE": "labelcrowd.db.embedded", "NAME": "labelcrowd", "EMBEDDED_ROOT": root,
        "CONN_HEALTH_CHECKS": True, **CHANGES,
    }},
    INSTALLED_APPS=["django.contrib.contenttypes"],
    USE_TZ=True,
)
django.setup()
from django.core.management import call_command
from django.db import close_old_connections, connection
from labelcrowd import embedded_postgres

def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
"""


def program(lines: str, changes: str = "{'CONN_MAX_AGE': 60}") -> str:
    """Return a program that uses Django's connection to an embedded server."""
    return f"CHANGES = {changes}\n{SETUP}\n{lines}"


def run(client, data_root, lines: str, changes: str = "{'CONN_MAX_AGE': 60}") -> str:
    """Run a few lines to their end and return what they print."""
    said, complaint = (process := client(program(lines, changes), data_root)).communicate(timeout=60)
    assert process.returncode == 0, complaint
    return said


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A data root whose server all tests here may use."""
    data_root = tmp_path_factory.mktemp("django") / "postgres"
    ensure_running(data_root)
    yield data_root
    embedded_postgres.remove(data_root)


def test_commands_that_touch_no_data_start_nothing(client, data_root):
    run(
        client, data_root, "call_command('check'); connection.close(); connection.close_pool(); close_old_connections()"
    )

    assert not data_root.exists()


def test_the_first_connection_starts_the_server_and_it_ends_after_the_process(client, data_root):
    said = run(client, data_root, "print(ask('SELECT current_database()'))")

    assert said == "labelcrowd\n"
    assert eventually(lambda: state(data_root) == "stopped")


@pytest.mark.parametrize("changes", ["{'CONN_MAX_AGE': 60}", "{'OPTIONS': {'pool': True}}"])
def test_it_works_with_kept_and_with_pooled_connections_and_forked_children(client, shared, changes):
    said = run(
        client,
        shared,
        """
pid = os.fork()
print(ask("SELECT 40 + 2"), flush=True)
connection.close(); connection.close_pool()
os._exit(0) if pid == 0 else os.waitpid(pid, 0)
""",
        changes,
    )

    assert said == "42\n42\n"


def test_a_server_that_was_stopped_meanwhile_is_started_again(client, shared):
    said = run(
        client,
        shared,
        """
ask("SELECT 1")
embedded_postgres.stop(Path(root))
connection.close()
print(ask("SELECT 2"))
""",
    )

    assert said == "2\n"


def test_a_missing_database_is_made(client, shared):
    assert run(client, shared, "print(ask('SELECT current_database()'))", "{'NAME': 'another'}") == "another\n"


def test_test_databases_are_made_and_dropped(client, shared):
    said = run(
        client,
        shared,
        """
connection.creation.create_test_db(verbosity=0, serialize=False)
print(ask("SELECT current_database()"))
connection.creation.destroy_test_db("labelcrowd", verbosity=0)
print(ask("SELECT count(*) FROM pg_database WHERE datname = 'test_labelcrowd'"))
""",
    )

    assert said == "test_labelcrowd\n0\n"


def test_a_server_that_does_not_start_is_djangos_operational_error(client, folder):
    (folder / "thesis.txt").touch()

    said = run(
        client,
        folder,
        """
from django.db import OperationalError
try:
    ask("SELECT 1")
except OperationalError as error:
    print(error)
""",
    )

    assert "holds other files (thesis.txt)" in said


def test_dbshell_is_the_servers_own_psql(client, shared):
    assert run(client, shared, "call_command('dbshell', '--', '-Atc', 'SELECT 6 * 7')") == "42\n"


def test_a_missing_setting_is_named(client, data_root):
    said = run(
        client,
        data_root,
        """
from django.core.exceptions import ImproperlyConfigured
try:
    ask("SELECT 1")
except ImproperlyConfigured as error:
    print(error)
""",
        "{'EMBEDDED_ROOT': ''}",
    )

    assert said == "DATABASES['default'] has no EMBEDDED_ROOT; it should be the folder of the embedded PostgreSQL\n"


def test_a_wished_number_of_sessions_reaches_the_server(client, shared):
    stop(shared)

    assert run(client, shared, "print(ask('SHOW max_connections'))", "{'EMBEDDED_MAX_CONNECTIONS': 111}") == "111\n"
