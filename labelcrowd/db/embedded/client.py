"""`manage.py dbshell` for the embedded server."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import client
from psycopg import conninfo

from labelcrowd.embedded_postgres import ensure_running
from labelcrowd.embedded_postgres.binaries import find


class DatabaseClient(client.DatabaseClient):
    """The psql that came with the server: the machine's own, if any, may be older."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Return psql's command line and environment."""
        address = conninfo.conninfo_to_dict(ensure_running(Path(settings_dict["EMBEDDED_ROOT"])))
        there = {"HOST": address["host"], "PORT": address["port"], "USER": address["user"]}
        (_, *arguments), environment = super().settings_to_cmd_args_env(settings_dict | there, parameters)
        return [str(find().program("psql")), *arguments], environment
