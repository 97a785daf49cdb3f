"""The pages alone, in this process, for browsers: a site over a database of its own, beside that of DATABASE_URL or on
a server that is gone afterwards.

from infra.house import page
page.prepare()                 # then import what needs the settings
with page.site() as url: ...
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test.testcases import LiveServerThread

from labelcrowd.embedded_postgres import throw_away_server

VAR = TemporaryDirectory(prefix="labelcrowd-pages-")
AFTERWARDS = ExitStack()
atexit.register(AFTERWARDS.close)


def prepare() -> None:
    """Set Django up on a temporary folder, so that rows can be made while Playwright runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop owns the thread in which rows are made
    os.environ["LABELCROWD_VAR"] = VAR.name
    (Path(VAR.name) / "static").mkdir(exist_ok=True)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = AFTERWARDS.enter_context(throw_away_server())
    django.setup()


@contextmanager
def site() -> Iterator[str]:
    """Serve the site from a database of its own; return its address."""
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()
        with connection.cursor() as cursor:  # its threads leave their sessions behind
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(name, verbosity=0)
