"""Django's PostgreSQL backend, which asks no question before the first of a request.

    {"ENGINE": "labelcrowd.db.postgres", ...}

A connection that is kept must be known to live before a request relies on it. Django asks the server `SELECT 1`. Here
the socket is looked at, which a server that ended or was restarted has closed; only if it has news the server is asked.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

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
