"""Counting a task's places again, under its lock: the counters are a copy, the places are the truth."""

from collections.abc import Iterable

from django.db import connection


def recount(tasks: Iterable[int], *, broken_after: int) -> None:
    """Lock these tasks, in an order that all callers share, and set their counters to what their places say."""
    ids = sorted(set(tasks))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT work_recount(%s, %s)", [ids, broken_after])
