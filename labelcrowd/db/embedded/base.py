"""Django's PostgreSQL backend, on the embedded server: the first connection starts it, a command without one does not.

    {"ENGINE": "labelcrowd.db.embedded", "NAME": "labelcrowd", "EMBEDDED_ROOT": "/srv/labelcrowd/var/postgres"}

EMBEDDED_MAX_CONNECTIONS beside it says how many sessions a server that this process starts shall take.
"""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import OperationalError, conninfo

from labelcrowd.db.embedded.client import DatabaseClient
from labelcrowd.db.postgres import base
from labelcrowd.embedded_postgres import EmbeddedPostgresError, Wishes, ensure_running
from labelcrowd.embedded_postgres.databases import create_missing

# How this process and its forked children reach a database, after their first look at its server.
_addresses: dict[tuple[Path, str | None], dict[str, Any]] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect with, starting the server when this process has not yet seen it."""
        params: dict[str, Any] = super().get_connection_params()
        return params | self._address()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; should the server be gone or still recovering, wait for it and connect once more."""
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            before = _addresses.pop(self._key, None)
            address = self._address()
            if self.pool:
                if address == before:
                    raise
                self.close_pool()
            return super().get_new_connection(conn_params | address)

    def close_pool(self) -> None:
        """Close the pool if there is one; Django's own would first make one, and with it start the server."""
        if self.alias in base.DatabaseWrapper._connection_pools:  # type: ignore[attr-defined] # noqa: SLF001 - no other way
            super().close_pool()

    @property
    def _key(self) -> tuple[Path, str | None]:
        root = self.settings_dict.get("EMBEDDED_ROOT")
        if not root:
            raise ImproperlyConfigured(
                f"DATABASES['{self.alias}'] has no EMBEDDED_ROOT; it should be the folder of the embedded PostgreSQL"
            )
        return Path(root), self.settings_dict["NAME"]

    def _address(self) -> dict[str, Any]:
        key = root, name = self._key
        if key not in _addresses:
            most = self.settings_dict.get("EMBEDDED_MAX_CONNECTIONS")
            try:
                url = ensure_running(root, wishes=Wishes(max_connections=most) if most else Wishes())
            except EmbeddedPostgresError as error:
                raise OperationalError(str(error)) from error
            if name:
                create_missing(url, name)
            address = conninfo.conninfo_to_dict(url)
            del address["dbname"]
            _addresses[key] = address
        return _addresses[key]
