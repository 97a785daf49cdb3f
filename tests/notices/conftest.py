"""A server that takes webhooks, for all tests of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.canary import canary


@pytest.fixture
def receiver(settings) -> Iterator[Any]:
    """Return a server of ours that takes webhooks; a path /410 answers so."""
    with canary() as server:
        settings.OUTBOUND_HOSTS, settings.OUTBOUND_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]
        settings.OUTBOUND_PORTS = [server.server_port]
        yield server
