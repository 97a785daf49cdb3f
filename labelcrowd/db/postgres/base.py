"""Django's PostgreSQL backend, which asks no question before the first of a request.

    {"ENGINE": "labelcrowd.db.postgres", ...}

A connection that is kept must be known to live before a request relies on it. Django asks the server `SELECT 1`. Here
the socket is looked at, which a server that ended or was restarted has closed; only if it has news the server is asked.
"""

# The stubs of Django's backend lack half of what it has.
# mypy: disable-error-code="misc, attr-defined, has-type"

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import ClientCursor

from labelcrowd.db.postgres.integers import refuse_what_does_not_fit

CONNECT_SECONDS = 5  # a server that drops packets holds no request for minutes
# The same of one that stops to answer: what is sent and not acknowledged, and what is waited for, ends a connection.
UNANSWERED = {
    "tcp_user_timeout": 30_000, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
}  # fmt: skip
MOST_PARAMETERS = 65535  # of one statement, in PostgreSQL's protocol

refuse_what_does_not_fit()


class BindingCursor(base.ServerBindingCursor):
    """Sends parameters apart from statements; those of a statement with too many, as a long list of ids, within it."""

    def execute(self, query: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        if params is not None and len(params) > MOST_PARAMETERS:
            return super().execute(ClientCursor(self.connection).mogrify(query, params).encode(), None, *args, **kwargs)
        return super().execute(query, params, *args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect with."""
        params: dict[str, Any] = super().get_connection_params()
        params = {"connect_timeout": CONNECT_SECONDS, **UNANSWERED, **params}
        if params["cursor_factory"] is base.ServerBindingCursor:
            params["cursor_factory"] = BindingCursor
        return params

    def close_if_health_check_failed(self) -> None:
        """Close a kept connection at its first use in a request if it is dead."""
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        if self._has_news() and not self.is_usable():
            self.close()
        self.health_check_done = True

    def _has_news(self) -> bool:
        """Whether the server said something since its last answer, if only that it is gone."""
        try:
            waiting = select.poll()
            waiting.register(self.connection.fileno(), select.POLLIN)
            return bool(waiting.poll(0))
        except (OSError, ValueError, base.Database.Error):
            return True
