"""The ground of a house of one's own: a temporary folder and Django set up on it, before any model is imported.

from infra.house import ground
ground.prepare()               # then import what needs the settings
"""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

from infra.house.postgres import Postgres, postgres
from tests.broker import rabbit

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outside:
    """What labelcrowd can have outside of itself: addresses, '' where it shall use its own."""

    postgres: Postgres | None = None
    broker: str = ""

    @property
    def database(self) -> str:
        return self.postgres.url if self.postgres else ""


@contextlib.contextmanager
def outside() -> Iterator[Outside]:
    """Start a PostgreSQL and a RabbitMQ of this machine's packages; end them at the end."""
    with rabbit.node() as broker, postgres() as server:
        yield Outside(server, broker)


def prepare(*, database: str = "", broker: str = "") -> Path:
    """Set Django up on a new temporary folder; return it. Without `database` (a URL) there is an embedded one in it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that what was started is ended
    folder = Path(tempfile.mkdtemp(prefix="labelcrowd-house-"))
    for name, value in {"DATABASE_URL": database, "BROKER_URL": broker}.items():
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    os.environ |= {
        "LABELCROWD_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "labelcrowd.settings",
        "PYTHONPATH": str(ROOT),
    }
    django.setup()
    return folder
