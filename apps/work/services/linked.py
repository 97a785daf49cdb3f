"""Accounts that look like one person's take turns: neither would see what the other takes at the same moment."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection


def wait_for(linked: Sequence[UUID]) -> None:
    """Lock the links of these accounts, before any task is looked at: who shares one waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM workforce_link WHERE (first_id = ANY(%s) OR second_id = ANY(%s)) AND cleared_at IS NULL"
            " ORDER BY id FOR NO KEY UPDATE",
            [list(linked), list(linked)],
        )
