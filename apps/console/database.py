"""Where the database is, for programs beside Django; asking starts an embedded server."""

from django.db import connection
from psycopg import conninfo

PARTS = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "service")


def address() -> str:
    """Return how Django's default database is reached, embedded or not, as a connection string."""
    known = connection.get_connection_params()
    return conninfo.make_conninfo(**{part: known[part] for part in PARTS if known.get(part)})
