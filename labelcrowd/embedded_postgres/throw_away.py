"""A server for one run of tests: without durability, and gone afterwards, also when the run is killed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labelcrowd.embedded_postgres.client import ensure_running, remove
from labelcrowd.embedded_postgres.cluster import Wishes


@contextmanager
def throw_away_server(*, max_connections: int = 200) -> Iterator[str]:
    """Run a server in a temporary folder and yield its URL; its guardian deletes the folder when the server stops."""
    folder = Path(tempfile.mkdtemp(prefix="labelcrowd-"))
    try:
        yield ensure_running(folder, wishes=Wishes(throw_away=True, max_connections=max_connections))
    finally:
        remove(folder)
